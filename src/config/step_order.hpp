#pragma once
// SPDX-License-Identifier: Apache-2.0
// Which step waits for which: fills Step::after from the references in their templates, and finds references
// that lead nowhere or round in a circle.

#include <vector>

#include "config/reader.hpp"

namespace pollux::config {

/// `uses[i]` are the references of `steps[i]`.
void order_steps(Reader& reader, std::vector<Step>& steps, const std::vector<std::vector<StepUse>>& uses);

}  // namespace pollux::config
