#pragma once
// SPDX-License-Identifier: Apache-2.0
// The PROXY protocol, versions 1 and 2 (https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt): what a
// load balancer says first on a connection, so that it is known for whom it speaks. Strict: what is not
// exactly a header is none. Pure; any thread.

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip_address.hpp"

namespace pollux::egress {

struct ProxyHeader {
  std::size_t size = 0;           // behind so many bytes the connection itself begins
  std::optional<IpAddress> from;  // nullopt: the peer speaks for itself (LOCAL), or does not know (UNKNOWN)
};

/// No header is longer, whatever extensions it has; version 1 ends at 107 bytes.
constexpr std::size_t kMostOfProxyHeader = 4096;

/// nullopt: all of `bytes` belongs to a header that is not whole yet. The error is a reason: there is none.
std::expected<std::optional<ProxyHeader>, std::string> find_proxy_header(std::string_view bytes);

}  // namespace pollux::egress
