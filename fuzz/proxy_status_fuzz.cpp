// SPDX-License-Identifier: Apache-2.0
// A Proxy-Status header is foreign bytes: whatever they are, what is shown of them is short and printable,
// and what was read is read again from what is written of it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/proxy_status.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pollux::net;
  auto status = parse_proxy_status({reinterpret_cast<const char*>(data), size});
  if (!status) return 0;
  const std::string text = status->text();
  const bool fit = std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
  if (!fit || text.empty() || text.size() > 300) std::abort();
  status->proxy = "p";
  status->error = "e";
  if (status->details.size() > 1000) return 0;
  auto again = parse_proxy_status(format_proxy_status(*status));
  if (!again || again->details != status->details) std::abort();
  return 0;
}
