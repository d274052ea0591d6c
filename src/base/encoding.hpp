#pragma once
// SPDX-License-Identifier: Apache-2.0
// Text encodings that more than one folder needs. Pure functions.

#include <optional>
#include <string>
#include <string_view>

namespace pollux {

/// RFC 4648, 4: with padding.
std::string base64(std::string_view bytes);

/// The inverse; line breaks and blanks are passed over. nullopt for anything else that is not base64, and
/// where the padding is missing.
std::optional<std::string> base64_decode(std::string_view text);

/// RFC 4648, 5, without padding, as RFC 7515 has it.
std::string base64url(std::string_view bytes);

/// RFC 3986, 2.1: everything but unreserved characters (letters, digits, - . _ ~) becomes %XX, upper-case.
/// With `keep_slash`, '/' stays as it is: a path's segments keep their borders.
std::string percent_encode(std::string_view text, bool keep_slash = false);

/// The inverse; nullopt where a % is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

/// `text` as a JSON string, quotes included (RFC 8259, 7). `text` must be UTF-8.
std::string json_quote(std::string_view text);

/// Lower-case hexadecimal digits.
std::string hex(std::string_view bytes);

}  // namespace pollux
