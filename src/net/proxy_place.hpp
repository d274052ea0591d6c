#pragma once
// SPDX-License-Identifier: Apache-2.0
// Where a proxy is, by its URL. Pure; any thread.

#include <string>
#include <string_view>

namespace pollux::net {

/// "egress.internal:3128": the host in lower case, and the port also where none is said (RFC 1928, 3 for
/// SOCKS, the scheme's for http and https).
std::string place_of_proxy(std::string_view url);

}  // namespace pollux::net
