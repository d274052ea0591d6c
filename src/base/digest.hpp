#pragma once
// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), by OpenSSL. Pure functions, any thread.

#include <string>
#include <string_view>

namespace pollux {

/// The 32 raw bytes.
std::string sha256(std::string_view bytes);
/// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);
/// The 32 raw bytes.
std::string hmac_sha256(std::string_view key, std::string_view bytes);

}  // namespace pollux
