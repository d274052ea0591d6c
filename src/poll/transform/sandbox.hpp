#pragma once
// SPDX-License-Identifier: Apache-2.0
// Takes from this process, for good, everything that running libjq does not need: files, sockets, other
// processes, core dumps, debuggers, surviving its parent. Called once by a worker, before it reads anything
// foreign. One thread.

#include <cstdint>
#include <string>

namespace pollux::transform {

struct Sandbox {
  std::uint64_t baseline = 0;  // bytes of address space in use, before any program
  std::string no_seccomp;      // why the system call filter could not be installed; empty: it is there
};

/// Never fails as a whole: where the kernel has no seccomp, the limits still hold, and the reason is told.
Sandbox enter_sandbox();

}  // namespace pollux::transform
