// SPDX-License-Identifier: Apache-2.0
// Any bytes as the headers of an answer, a line each: what they ask for is a wait that begins now and is at
// most a day.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "poll/fetch/pace/asked_to_wait.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pollux;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const Time now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2);
  net::Headers headers;
  while (!text.empty() && headers.size() < 20) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t colon = std::min(line.find(':'), line.size());
    headers.emplace_back(line.substr(0, colon), line.substr(std::min(colon + 1, line.size())));
  }
  for (int status : {200, 403, 429}) {
    auto asked = fetch::asked_to_wait(status, headers, now);
    if (!asked) continue;
    if (asked->until <= now || asked->until > now + std::chrono::hours(24) || asked->how.empty())
      std::abort();
  }
  return 0;
}
