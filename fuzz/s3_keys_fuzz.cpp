// SPDX-License-Identifier: Apache-2.0
// What those answer who hand out keys is foreign bytes: whatever they are, keys can stand in a header, and a
// message shows nothing of them but a plain word.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "poll/publish/credentials_answer.hpp"

namespace {

bool plain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c <= 0x7E; });
}

void look_at(const pollux::Result<pollux::publish::CredentialsAnswer>& answer) {
  if (!answer) {
    if (answer.error().message.size() > 100 ||
        !std::ranges::all_of(answer.error().message, [](char c) { return c >= 0x20 && c <= 0x7E; }))
      std::abort();
    return;
  }
  const auto& keys = answer->keys;
  if (!plain(keys.access_key_id) || !plain(keys.secret_access_key.reveal())) std::abort();
  if (keys.session_token && !plain(keys.session_token->reveal())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  look_at(pollux::publish::parse_credentials_json(body));
  look_at(pollux::publish::parse_sts_answer(body));
  return 0;
}
