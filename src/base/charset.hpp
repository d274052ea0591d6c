#pragma once
// SPDX-License-Identifier: Apache-2.0
// Text in another character set as UTF-8, by iconv, and what is UTF-8 already. Only the sets that the web
// uses, so that a foreign answer cannot choose among all of iconv's converters. Pure functions, any thread.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pollux {

/// Whether to_utf8() takes this name, in any case.
bool known_charset(std::string_view name);

/// Faster than a conversion, and stricter: glibc's takes numbers beyond the last character of Unicode.
bool is_utf8(std::string_view text);

/// kMalformed for a set that is not known, and where the text is not of it, with the place. A byte order mark
/// is a character like any other.
Result<std::string> to_utf8(std::string_view text, std::string_view charset);

}  // namespace pollux
