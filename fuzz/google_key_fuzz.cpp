// SPDX-License-Identifier: Apache-2.0
// A key file comes from wherever the operator has it: whatever it is, what is taken can sign and names an
// account in one line, and a refusal is one of a few sentences.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "config/google_key.hpp"
#include "sign/jwt.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  auto account = pollux::config::parse_google_key(text);
  if (!account) {
    if (account.error().size() > 120) std::abort();
    return 0;
  }
  const bool plain = account->email.find_first_of("\r\n") == std::string::npos && !account->email.empty();
  auto key = pollux::sign::RsaKey::from_pem(account->private_key);
  if (!plain || !key || !key->sign("x")) std::abort();
  return 0;
}
