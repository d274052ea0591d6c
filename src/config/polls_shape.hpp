#pragma once
// SPDX-License-Identifier: Apache-2.0
// The map of polls: each as it is written, or with `for_each` as many as there are items. Names are unique
// afterwards, wherever they come from.

#include <string>
#include <utility>
#include <vector>

#include "config/poll_shape.hpp"

namespace pollux::config {

using PollDrafts = std::vector<std::pair<std::string, PollDraft>>;

ShapePtr<PollDrafts> polls_shape();

}  // namespace pollux::config
