#pragma once
// SPDX-License-Identifier: Apache-2.0
// Addresses of further pages. Credentials go along with them, so none may lead anywhere but where the first
// one led. Pure; any thread. No message shows more of an address than its host.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pollux::fetch {

/// `next`, absolute or relative (RFC 3986, 5), as seen from `current`. kMalformed where it is no address;
/// kRedirect where it leads to another scheme, host or port.
Result<std::string> next_address(std::string_view current, std::string_view next);

/// The address with this query parameter, in the place of all earlier ones of its name.
std::string with_parameter(std::string_view url, std::string_view name, std::string_view value);
std::string without_parameter(std::string_view url, std::string_view name);

}  // namespace pollux::fetch
