// SPDX-License-Identifier: Apache-2.0
// A Link header is foreign bytes, and so is the address in it: whatever they are, the next page is on the
// same host, and its address can be sent.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/ascii.hpp"
#include "poll/fetch/pages/link_header.hpp"
#include "poll/fetch/pages/page_address.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto target = pollux::fetch::find_link({reinterpret_cast<const char*>(data), size}, "next");
  if (!target) return 0;
  if (target->size() > size) std::abort();
  auto address = pollux::fetch::next_address("https://api.test/list?a=1", *target);
  if (!address) return 0;
  bool sendable = std::ranges::all_of(*address, [](char c) { return c > 0x20 && c < 0x7F; });
  const std::string host = pollux::ascii_lower(address->substr(0, 16));
  if (!sendable || host != "https://api.test") std::abort();
  std::string with = pollux::fetch::with_parameter(*address, "page", "2");
  if (!pollux::fetch::without_parameter(with, "page").starts_with(address->substr(0, 16))) std::abort();
  return 0;
}
