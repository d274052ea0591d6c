#pragma once
// SPDX-License-Identifier: Apache-2.0
// ClientHellos as OpenSSL's client sends them, as bytes. One thread.

#include <openssl/ssl.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pollux::test {

struct HelloParts {
  std::string server_name = {};               // empty: none
  bool encrypted = false;                     // with encrypted_client_hello, of a few bytes without meaning
  int version = TLS1_3_VERSION;               // the only one offered
  std::size_t padding = 0;                    // bytes of an extension that nobody knows
  std::optional<std::string> raw_names = {};  // instead of, or beside, server_name: the extension's content
};

/// The first bytes of a connection: one record, or several where it is larger than 16 KiB.
std::string make_client_hello(const HelloParts& parts);

/// The same in records of at most `size` bytes.
std::string in_records(std::string_view hello, std::size_t size);

}  // namespace pollux::test
