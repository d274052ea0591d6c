#pragma once
// SPDX-License-Identifier: Apache-2.0
// Is a body one whole JSON text? Strict RFC 8259 (no BOM, no comments, no NaN, UTF-8 only, one value), nested
// at most kMaxDepth deep, so that nothing that follows meets a surprise. No tree is built: about 1 ns a byte.
// Pure; any thread.

#include <cstddef>
#include <string_view>

#include "base/result.hpp"

namespace pollux {

inline constexpr std::size_t kMaxDepth = 512;

/// Errors: kTruncated where the text ends in the middle of a value; kMalformed for everything else, with the
/// place and what stands there.
Result<void> check_json(std::string_view text);

}  // namespace pollux
