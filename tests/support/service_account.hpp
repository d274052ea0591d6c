#pragma once
// SPDX-License-Identifier: Apache-2.0
// A service account of Google's for a test: a key pair, and the text of the file that Google would give for
// it. All in memory. One thread.

#include <string>

namespace pollux::test {

/// RSA, 2048 bits, in PEM.
struct KeyPair {
  std::string private_key;
  std::string public_key;
};
/// Another one each time; makes a tenth of a second of work.
KeyPair make_key_pair();

/// What Google calls a key file.
std::string service_account_file(const std::string& email, const std::string& private_key,
                                 const std::string& token_uri);

}  // namespace pollux::test
