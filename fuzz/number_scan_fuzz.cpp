// SPDX-License-Identifier: Apache-2.0
// The scanner reads bodies of foreign servers. It is meant for valid JSON, and must do no harm on anything
// else.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "poll/transform/number_scan.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto found = pollux::transform::first_inexact({reinterpret_cast<const char*>(data), size});
  if (found &&
      (found->path.empty() || found->text.empty() || found->text.size() > 40 || found->path.size() > 200))
    std::abort();
  return 0;
}
