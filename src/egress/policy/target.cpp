// SPDX-License-Identifier: Apache-2.0
#include "egress/policy/target.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "egress/policy/host_name.hpp"
#include "egress/policy/port_set.hpp"

namespace pollux::egress {
namespace {

constexpr std::string_view kScheme = "http://";

template <class T>
using Read = std::expected<T, TargetFault>;

// The host and what stands behind it: nothing, or ":port".
struct Parts {
  Target target;
  std::string_view rest;
};

// What bad_character() would say of a text that may have brackets and colons.
std::optional<TargetFault> bad_in_authority(std::string_view text) {
  bool in_brackets = false;
  for (const char& c : text) {
    if (c == '[' || c == ']') in_brackets = c == '[';
    if (c == '[' || c == ']' || c == ':') continue;
    const auto fault = bad_character({&c, 1});
    if (fault == TargetFault::kPercent && in_brackets) return TargetFault::kZone;
    if (fault) return fault;
  }
  return std::nullopt;
}

Read<Parts> bracketed(std::string_view text) {
  const auto end = text.find(']');
  if (end == text.npos) return std::unexpected(TargetFault::kBrackets);
  const std::string_view inside = text.substr(1, end - 1);
  const auto address = IpAddress::parse(inside);
  if (!address) {
    // A name or an IPv4 address in brackets is a wrong use of brackets; with a colon it was meant to be IPv6.
    return std::unexpected(inside.contains(':') ? TargetFault::kBadAddress : TargetFault::kBrackets);
  }
  if (address->is_v4()) return std::unexpected(TargetFault::kBrackets);
  return Parts{{address->text(), 0, address}, text.substr(end + 1)};
}

Read<Parts> host_of(std::string_view text) {
  if (auto fault = bad_in_authority(text)) return std::unexpected(*fault);
  if (text.starts_with('[')) return bracketed(text);
  if (text.find_first_of("[]") != text.npos || std::ranges::count(text, ':') > 1)
    return std::unexpected(TargetFault::kBrackets);
  const auto colon = std::min(text.find(':'), text.size());
  const std::string_view host = text.substr(0, colon);
  if (const auto address = IpAddress::parse(host))
    return Parts{{address->text(), 0, address}, text.substr(colon)};
  auto name = canonical_name(host);
  if (!name) return std::unexpected(name.error());
  return Parts{{std::move(*name), 0, std::nullopt}, text.substr(colon)};
}

Read<Target> with_port(std::string_view text, std::optional<std::uint16_t> without_one) {
  auto parts = host_of(text);
  if (!parts) return std::unexpected(parts.error());
  Target out = std::move(parts->target);
  if (parts->rest.empty()) {
    if (!without_one) return std::unexpected(TargetFault::kNoPort);
    out.port = *without_one;
    return out;
  }
  if (!parts->rest.starts_with(':')) return std::unexpected(TargetFault::kBrackets);
  const auto port = parse_port(parts->rest.substr(1));
  if (!port) return std::unexpected(TargetFault::kBadPort);
  out.port = *port;
  return out;
}

std::optional<TargetFault> bad_in_path(std::string_view text) {
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) return TargetFault::kNotAscii;
    if (byte < 0x20 || byte == 0x7F) return TargetFault::kControl;
    if (c == ' ') return TargetFault::kWhitespace;
    if (c == '#') return TargetFault::kFragment;
    if (c == '\\') return TargetFault::kCharacter;
  }
  return std::nullopt;
}

}  // namespace

std::string Target::authority() const {
  const bool v6 = address && !address->is_v4();
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Read<Target> parse_authority(std::string_view text) {
  if (text.empty()) return std::unexpected(TargetFault::kEmpty);
  return with_port(text, std::nullopt);
}

Read<HttpTarget> parse_http_url(std::string_view text) {
  if (text.empty()) return std::unexpected(TargetFault::kEmpty);
  if (!ascii_iequals(text.substr(0, kScheme.size()), kScheme)) return std::unexpected(TargetFault::kScheme);
  text.remove_prefix(kScheme.size());
  const auto end = std::min(text.find_first_of("/?#"), text.size());
  auto target = with_port(text.substr(0, end), std::uint16_t{80});
  if (!target) return std::unexpected(target.error());
  const std::string_view rest = text.substr(end);
  if (auto fault = bad_in_path(rest)) return std::unexpected(*fault);
  return HttpTarget{std::move(*target), rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest)};
}

}  // namespace pollux::egress
