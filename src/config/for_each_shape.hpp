#pragma once
// SPDX-License-Identifier: Apache-2.0
// `for_each:` of a poll: a list, a map of lists by name (every combination of their items), or a JSON or CSV
// file in place of any list. Texts that are written in pollux.yaml may hold ${NAME} and the like; files are
// taken as they are.

#include "config/each_item.hpp"
#include "config/shape.hpp"

namespace pollux::config {

/// How many polls one file may make.
constexpr std::size_t kMostPolls = 100'000;

/// Leaves `axes` empty after a fault that makes it useless.
ShapePtr<ForEach> for_each_shape();

}  // namespace pollux::config
