#pragma once
// SPDX-License-Identifier: Apache-2.0
// A number with its word, for people. Pure.

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace pollux {

/// "1 poll", "2 polls": `what` is a word whose plural takes an s.
inline std::string counted(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace pollux
