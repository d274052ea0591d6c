#pragma once
// SPDX-License-Identifier: Apache-2.0
// `pollux once`: each poll one time, then the status objects, then the end. Blocks the calling thread, which
// becomes the io thread.

#include <optional>
#include <string>
#include <vector>

#include "app/runtime.hpp"

namespace pollux::app {

/// 0 when every run published or found nothing new, 1 when any kept, failed or was skipped. `at`: run as if
/// then.
int run_polls_once(Runtime& runtime, const std::vector<std::string>& polls, std::optional<Time> at);

}  // namespace pollux::app
