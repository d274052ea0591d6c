// SPDX-License-Identifier: Apache-2.0
// A shared credentials file is foreign bytes: whatever they are, keys can stand in a header, and a message
// shows nothing of them but the profile's name.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/aws_profile.hpp"

namespace {

bool plain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c <= 0x7E; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto keys = pollux::config::parse_aws_profile({reinterpret_cast<const char*>(data), size}, "default");
  if (!keys) {
    if (keys.error().size() > 80) std::abort();
    return 0;
  }
  if (!plain(keys->access_key_id) || !plain(keys->secret_access_key.reveal())) std::abort();
  if (keys->session_token && !plain(keys->session_token->reveal())) std::abort();
  return 0;
}
