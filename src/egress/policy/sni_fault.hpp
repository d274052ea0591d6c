#pragma once
// SPDX-License-Identifier: Apache-2.0
// What is wrong with how a tunnel began, where it has to begin with TLS for the tunnel's host.

#include <string_view>

namespace pollux::egress {

enum class SniFault {
  kOtherName,  // than the host's
  kNoName,
  kEncrypted,  // encrypted_client_hello, where that is not taken
  kNotTls,
  kMalformed,
  kTooLong,
  kNoHello,  // none came, or not a whole one
};

/// "other_name": a word for logs and metrics.
std::string_view name(SniFault fault);
/// A sentence's end that says what was seen: "asks for another host".
std::string_view meaning(SniFault fault);

}  // namespace pollux::egress
