// SPDX-License-Identifier: Apache-2.0
#include "egress/policy/rule.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "egress/policy/address_class.hpp"
#include "egress/policy/host_name.hpp"

namespace pollux::egress {
namespace {

// What was found, fit for one line of a log: cut, without control characters, and without the user of an
// address.
std::string shown(std::string_view text) {
  constexpr std::size_t kLongest = 100;
  std::string out;
  if (auto at = text.rfind('@'); at != text.npos) {
    out = "***";
    text.remove_prefix(at);
  }
  for (char c : text.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7F ? '?' : c;
  }
  return text.size() > kLongest ? out + "..." : out;
}

std::unexpected<Error> wrong(std::string_view text, const std::string& why) {
  return fail(ErrorKind::kUsage, "`" + shown(text) + "`: " + why);
}

// The text in its parts; the ports are without their colon.
struct Parts {
  std::string_view subject;
  std::optional<std::string_view> ports;
  bool brackets = false;
};

Result<Parts> split(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    const std::string_view rest = end == text.npos ? text : text.substr(end + 1);
    if (!rest.empty() && !rest.starts_with(':'))
      return wrong(text,
                   "write an address with ports as [2001:db8::7]:443, a network as [2001:db8::/32]:443");
    const auto ports = rest.empty() ? std::nullopt : std::optional(rest.substr(1));
    return Parts{text.substr(1, end - 1), ports, true};
  }
  const auto colon = text.find(':');
  // An IPv6 address in its plain form has no ports behind it: nobody could tell where they begin.
  if (colon == text.npos || text.find(':', colon + 1) != text.npos) return Parts{text, std::nullopt, false};
  return Parts{text.substr(0, colon), text.substr(colon + 1), false};
}

// What people paste: https://user:password@host:443/path.
std::unexpected<Error> wrong_url(std::string_view text) {
  std::string_view left = text;
  if (const auto scheme = left.find("://"); scheme != left.npos) left.remove_prefix(scheme + 3);
  left = left.substr(0, left.find_first_of("/?#"));
  if (const auto at = left.rfind('@'); at != left.npos) left.remove_prefix(at + 1);
  const auto rule = parse_rule(left);
  return wrong(text, "a rule has no scheme, user or path: write " + (rule ? rule->text() : "the host alone"));
}

Result<Cidr> network_of(std::string_view text, std::string_view subject) {
  if (const auto slash = subject.find('/'); slash != subject.npos && subject.substr(slash).contains(':'))
    return wrong(text, "write a network with ports as [2001:db8::/32]:443");
  static const Cidr kMapped = Cidr::parse("::ffff:0:0/96").value();
  static const Cidr kNat64Local = Cidr::parse("64:ff9b:1::/48").value();
  const auto address = IpAddress::parse(subject);
  auto out = address ? Result<Cidr>(Cidr::only(*address)) : Cidr::parse(subject);
  if (!out) return out;
  if (kMapped.contains(*out)) {
    const auto v4 = Cidr::around(carried_by(out->first()).front(), out->bits() - 96);
    return wrong(text, "write " + (address ? v4.first().text() : v4.text()) +
                           ": who connects to a mapped address reaches that one");
  }
  if (kNat64Local.contains(*out) && out->bits() < 96)
    return wrong(text,
                 "name the /96 of your NAT64: of a wider prefix nobody knows where the IPv4 address stands");
  return out;
}

// What the text would be as a rule if its name were this one; nullopt: that is no name either.
std::optional<std::string> with_name(std::string_view name, const std::string& ports) {
  const bool below = name.starts_with("*.");
  if (!canonical_name(below ? name.substr(2) : name)) return std::nullopt;
  auto rule = parse_rule(std::string(name) + ports);
  return rule ? std::optional(rule->text()) : std::nullopt;
}

std::unexpected<Error> wrong_name(std::string_view text, const Parts& parts, TargetFault fault) {
  const std::string name(parts.subject);
  const std::string ports = parts.ports ? ":" + std::string(*parts.ports) : "";
  if (name == "*" || name == "*." || name == "all")
    return wrong(text,
                 "no rule speaks of everything: what may be reached has a name, such as *.example.gov; the "
                 "rest is denied");
  if (text.contains('/')) return wrong_url(text);
  if (name.contains(':'))
    return wrong(text,
                 "this is no IPv6 address: write it as 2001:db8::7, or as [2001:db8::7]:443 with ports");
  if (name.starts_with('.')) {
    if (auto host = with_name(name.substr(1), ports))
      return wrong(text, "write *." + *host + " for what is below it, " + *host + " for the host itself");
  }
  if (name.ends_with('.')) {
    if (auto rule = with_name(name.substr(0, name.size() - 1), ports)) return wrong(text, "write " + *rule);
  }
  if (fault == TargetFault::kNotAscii) {
    const std::string front = name.starts_with("*.") ? "*." : "";
    if (auto ascii = ascii_form(name.substr(front.size())))
      return wrong(text, "write " + front + *ascii + ports);
  }
  if (name.substr(std::min<std::size_t>(name.size(), name.starts_with("*.") ? 2 : 0)).contains('*'))
    return wrong(text, "a * stands for whole parts and only at the front: *.example.gov");
  return wrong(text, std::string(rule_of(fault)));
}

// Digits and dots, or colons, before the slash: a network was meant, right or wrong.
bool looks_like_network(std::string_view subject) {
  constexpr std::size_t kLongest = 64;  // beyond any network, and short enough to be quoted
  if (subject.size() > kLongest) return false;
  const auto slash = std::min(subject.find('/'), subject.size());
  const std::string_view address = subject.substr(0, slash);
  if (slash == subject.size()) return IpAddress::parse(address).has_value();
  const bool numbers = !address.empty() && address.find_first_not_of("0123456789.") == address.npos;
  return numbers || address.contains(':');
}

bool has_blank(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c <= 0x20 || c == 0x7F; });
}

}  // namespace

std::string Rule::text() const {
  std::string out = subject == Subject::kBelow ? "*." + host : host;
  if (subject == Subject::kNetwork) {
    out = network->bits() == network->first().width() ? network->first().text() : network->text();
    if (ports && !network->first().is_v4()) out = "[" + out + "]";
  }
  return ports ? out + ":" + ports->text() : out;
}

Result<Rule> parse_rule(std::string_view text) {
  if (has_blank(text))
    return wrong(text, "one rule stands on each line, without spaces and control characters in it");
  if (text.contains("://") || text.contains('@')) return wrong_url(text);
  const auto parts = split(text);
  if (!parts) return std::unexpected(parts.error());
  Rule out;
  out.written = text;
  if (looks_like_network(parts->subject)) {
    auto network = network_of(text, parts->subject);
    if (!network) return std::unexpected(network.error());
    if (parts->brackets && network->first().is_v4()) return wrong(text, "brackets stand around IPv6 only");
    out.subject = Rule::Subject::kNetwork;
    out.network = *network;
  } else {
    std::string_view name = parts->subject;
    const bool below = name.starts_with("*.") && name.size() > 2;
    auto canonical = canonical_name(below ? name.substr(2) : name);
    if (!canonical || parts->brackets)
      return wrong_name(text, *parts, canonical ? TargetFault::kBrackets : canonical.error());
    if (!below && *canonical == "all") return wrong_name(text, *parts, TargetFault::kCharacter);
    out.subject = below ? Rule::Subject::kBelow : Rule::Subject::kHost;
    out.host = std::move(*canonical);
  }
  if (!parts->ports) return out;
  auto ports = PortSet::parse(*parts->ports);
  if (!ports) return wrong(text, ports.error().message);
  out.ports = std::move(*ports);
  return out;
}

}  // namespace pollux::egress
