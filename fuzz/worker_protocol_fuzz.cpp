// SPDX-License-Identifier: Apache-2.0
// The daemon reads what a worker writes, and a worker may have been taken over by what it ran: no bytes may
// do harm, and what is understood must be understood the same way when it is written again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "poll/transform/protocol.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pollux::transform;
  std::string_view body(reinterpret_cast<const char*>(data), size);
  if (auto reply = decode_reply(body)) {
    std::string frame = encode(*reply);
    auto again = decode_reply(std::string_view(frame).substr(kFrameHead));
    if (!again || encode(*again) != frame) std::abort();
  }
  if (auto request = decode_request(body)) {
    std::string frame = encode(*request);
    if (std::string_view(frame).substr(kFrameHead) != body) std::abort();
  }
  return 0;
}
