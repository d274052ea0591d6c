#pragma once
// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the word of a list that is nearest to a mistyped one. Pure function.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pollux {

/// The candidate with the smallest edit distance (insert, delete, replace, swap of neighbours), if it is near
/// enough to be meant: at most a third of the word's length, and at least 1.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace pollux
