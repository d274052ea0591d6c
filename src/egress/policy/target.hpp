#pragma once
// SPDX-License-Identifier: Apache-2.0
// What a client of the proxy wants to reach, from the first line of its request. One strict grammar: what
// another program could read in another way is refused, never mended. Pure; any thread.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip_address.hpp"
#include "egress/policy/target_fault.hpp"

namespace pollux::egress {

struct Target {
  /// In its only form: a name in lower case, without a dot at its end, or an address without brackets. A name
  /// is to be resolved as it stands, as a whole one: a search list would make another name of it.
  std::string host;
  std::uint16_t port = 0;
  std::optional<IpAddress> address;  // of a host that is an address

  bool is_address() const { return address.has_value(); }
  /// "host:port" or "[2001:db8::1]:443"; parse_authority() reads it as the same target.
  std::string authority() const;
  bool operator==(const Target&) const = default;
};

/// The target of a CONNECT request: "host:port", both always there (RFC 9112, 3.2.3).
std::expected<Target, TargetFault> parse_authority(std::string_view text);

struct HttpTarget {
  Target target;            // without a port: 80
  std::string origin_form;  // "/path?query", as the server is to be asked (RFC 9112, 3.2.1)
};

/// The target of any other request: "http://host:port/path?query" (RFC 9112, 3.2.2). Of path and query only
/// that is refused which ends a request line or a URL: control characters, spaces, #, \ and what is not
/// ASCII.
std::expected<HttpTarget, TargetFault> parse_http_url(std::string_view text);

}  // namespace pollux::egress
