#pragma once
// SPDX-License-Identifier: Apache-2.0
// `pollux run`: schedules, runs, the status objects and the console, until SIGTERM or SIGINT. The first
// signal drains: nothing new starts, running runs have kDrain to end. A second one ends them at once. Blocks
// the calling thread, which becomes the io thread.

#include <memory>

#include "app/runtime.hpp"

namespace pollux::app {

constexpr Millis kDrain = std::chrono::seconds(10);

/// 0 after a stop that was asked for; an Error when it could not begin (the console's port is taken).
Result<int> run_daemon(Runtime& runtime);

}  // namespace pollux::app
