// SPDX-License-Identifier: Apache-2.0
// What an S3 server answers is foreign bytes: whatever they are, the code is a plain word and the message
// short and printable.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "poll/publish/s3_error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto fault = pollux::publish::parse_s3_fault({reinterpret_cast<const char*>(data), size});
  bool word = std::ranges::all_of(fault.code, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  bool printable = std::ranges::all_of(fault.message, [](char c) { return c >= 0x20 && c <= 0x7E; });
  if (!word || !printable || fault.code.size() > 64 || fault.message.size() > 200) std::abort();
  return 0;
}
