#pragma once
// SPDX-License-Identifier: Apache-2.0
// The one place that maps what happened to an exit code.

#include "base/result.hpp"

namespace pollux::app {

inline constexpr int kExitWell = 0;
inline constexpr int kExitFailed = 1;  // a poll kept or failed; the program could not do its work
inline constexpr int kExitUsage = 2;   // asked wrongly: the file, a flag, a name
inline constexpr int kExitOver = 3;    // plan: the usual use breaks a limit

constexpr int exit_code(const Error& error) {
  return error.kind == ErrorKind::kUsage ? kExitUsage : kExitFailed;
}

}  // namespace pollux::app
