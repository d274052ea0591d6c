// SPDX-License-Identifier: Apache-2.0
// What a token endpoint answers is foreign bytes: whatever they are, a token can stand in a header, its life
// is between a second and a month, and a message shows nothing of them.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "poll/fetch/token_answer.hpp"

namespace {

bool visible(const pollux::Secret& token) {
  return !token.empty() && std::ranges::all_of(token.reveal(), [](char c) { return c >= 0x20 && c <= 0x7E; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  if (pollux::fetch::oauth_error_name(body).size() > 32) std::abort();
  auto answer = pollux::fetch::parse_token_answer(body, "host");
  if (!answer) {
    if (answer.error().message.size() > 80) std::abort();
    return 0;
  }
  using std::chrono::seconds;
  const bool lives = answer->lifetime >= seconds(1) && answer->lifetime <= seconds(30 * 24 * 3600);
  const bool renewed = pollux::fetch::renew_after(answer->lifetime) > pollux::Millis(0);
  if (!lives || !renewed || !visible(answer->token)) std::abort();
  if (answer->refresh_token && !visible(*answer->refresh_token)) std::abort();
  return 0;
}
