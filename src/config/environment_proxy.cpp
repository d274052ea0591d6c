// SPDX-License-Identifier: Apache-2.0
#include "config/environment_proxy.hpp"

#include <algorithm>
#include <charconv>

#include "base/ascii.hpp"
#include "base/ip_address.hpp"

namespace pollux::config {
namespace {

std::optional<unsigned> whole_number(std::string_view text, unsigned most) {
  unsigned value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value > most)
    return std::nullopt;
  return value;
}

// host, [v6], host:port or [v6]:port; a bare v6 address has colons and no port.
struct HostAndPort {
  std::string host;
  std::optional<unsigned> port;
};

std::optional<HostAndPort> host_and_port(std::string_view text) {
  HostAndPort out;
  std::string_view port;
  if (text.starts_with('[')) {
    auto end = text.find(']');
    if (end == text.npos) return std::nullopt;
    out.host = ascii_lower(text.substr(1, end - 1));
    if (!IpAddress::parse(out.host)) return std::nullopt;
    port = text.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return std::nullopt;
  } else {
    auto colon = text.find(':');
    const bool bare_v6 = colon != text.npos && text.find(':', colon + 1) != text.npos;
    out.host = ascii_lower(bare_v6 ? text : text.substr(0, colon));
    if (bare_v6 && !IpAddress::parse(out.host)) return std::nullopt;
    if (!bare_v6 && colon != text.npos) port = text.substr(colon);
  }
  if (!port.empty()) {
    out.port = whole_number(port.substr(1), 65535);
    if (!out.port) return std::nullopt;
  }
  if (out.host.ends_with('.')) out.host.pop_back();
  if (out.host.empty()) return std::nullopt;
  return out;
}

struct Exception {
  enum class Kind { kAll, kRange, kName, kBelow };
  Kind kind = Kind::kName;
  std::string name;
  std::optional<Cidr> range;  // of IPv6, in which that of IPv4 is mapped, so that both are compared alike
  std::optional<unsigned> port;
};

std::optional<Exception> parse_range(std::string_view text) {
  auto slash = text.find('/');
  std::string_view start = text.substr(0, slash);
  if (start.starts_with('[') && start.ends_with(']')) start = start.substr(1, start.size() - 2);
  auto from = IpAddress::parse(start);
  if (!from) return std::nullopt;
  auto bits = whole_number(text.substr(slash + 1), from->width());
  if (!bits) return std::nullopt;
  return Exception{
      Exception::Kind::kRange, {}, Cidr::around(from->mapped(), *bits + 128 - from->width()), {}};
}

std::optional<Exception> parse_exception(std::string_view text) {
  if (text == "*") return Exception{Exception::Kind::kAll, {}, {}, {}};
  if (text.find('/') != text.npos) return parse_range(text);
  Exception out;
  if (text.starts_with("*.")) text.remove_prefix(1);
  if (text.starts_with('.')) {
    out.kind = Exception::Kind::kBelow;
    text.remove_prefix(1);
  }
  auto parts = host_and_port(text);
  if (!parts || parts->host.starts_with('.') || parts->host.find_first_of("*@?#") != std::string::npos)
    return std::nullopt;
  out.port = parts->port;
  out.name = std::move(parts->host);
  if (auto address = IpAddress::parse(out.name)) {
    if (out.kind == Exception::Kind::kBelow) return std::nullopt;
    out.kind = Exception::Kind::kRange;
    out.range = Cidr::only(address->mapped());
  }
  return out;
}

struct Target {
  std::string host;
  unsigned port = 0;
  std::optional<IpAddress> address;
};

std::optional<Target> target_of(std::string_view url) {
  auto scheme = url.find("://");
  if (scheme == url.npos) return std::nullopt;
  const bool tls = ascii_lower(url.substr(0, scheme)) == "https";
  std::string_view authority = url.substr(scheme + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (auto at = authority.rfind('@'); at != authority.npos) authority.remove_prefix(at + 1);
  if (authority.ends_with(':')) authority.remove_suffix(1);
  auto parts = host_and_port(authority);
  if (!parts) return std::nullopt;
  Target out{std::move(parts->host), parts->port.value_or(tls ? 443 : 80), {}};
  out.address = IpAddress::parse(out.host);
  return out;
}

bool matches(const Exception& exception, const Target& target) {
  if (exception.port && *exception.port != target.port) return false;
  const std::string& name = exception.name;
  switch (exception.kind) {
    case Exception::Kind::kAll:
      return true;
    case Exception::Kind::kRange:
      return target.address && exception.range->contains(target.address->mapped());
    case Exception::Kind::kName:
      return !target.address && (target.host == name || target.host.ends_with("." + name));
    case Exception::Kind::kBelow:
      return !target.address && target.host.ends_with("." + name);
  }
  return false;
}

}  // namespace

ProxyVariables proxy_variables(
    const std::function<std::optional<std::string>(const std::string& name)>& variable) {
  ProxyVariables out;
  auto value = [&](std::string small, std::string large) {
    std::string first = variable(small).value_or("");
    std::string second = variable(large).value_or("");
    if (!first.empty() && !second.empty() && first != second)
      out.contradictions.push_back(small + " and " + large);
    return first.empty() ? second : first;
  };
  std::string all = value("all_proxy", "ALL_PROXY");
  out.http = value("http_proxy", "HTTP_PROXY");
  out.https = value("https_proxy", "HTTPS_PROXY");
  if (out.http.empty()) out.http = all;
  if (out.https.empty()) out.https = all;
  out.exceptions = value("no_proxy", "NO_PROXY");
  return out;
}

std::vector<std::string> split_exceptions(std::string_view no_proxy) {
  constexpr std::string_view kBetween = ", \t\r\n";
  std::vector<std::string> out;
  while (true) {
    auto from = no_proxy.find_first_not_of(kBetween);
    if (from == no_proxy.npos) return out;
    no_proxy.remove_prefix(from);
    auto length = std::min(no_proxy.find_first_of(kBetween), no_proxy.size());
    out.emplace_back(no_proxy.substr(0, length));
    no_proxy.remove_prefix(length);
  }
}

bool can_match(std::string_view exception) { return parse_exception(exception).has_value(); }

bool is_excepted(std::string_view exception, std::string_view url) {
  auto parsed = parse_exception(exception);
  auto target = target_of(url);
  return parsed && target && matches(*parsed, *target);
}

std::optional<Secret> proxy_for(const EnvironmentProxy& environment, std::string_view url) {
  const bool excepted = std::ranges::any_of(
      environment.exceptions, [&](const auto& exception) { return is_excepted(exception, url); });
  if (excepted) return std::nullopt;
  return ascii_lower(url.substr(0, url.find("://"))) == "https" ? environment.https : environment.http;
}

}  // namespace pollux::config
