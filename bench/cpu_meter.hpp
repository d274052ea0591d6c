#pragma once
// SPDX-License-Identifier: Apache-2.0
// How much processor time this process and its jq workers have used, by whom: wall time says nothing on a
// machine that does other things too. Call it on the io thread, whose share is told apart. Value type; linear
// in the number of workers.

#include <sys/types.h>

#include <chrono>
#include <vector>

namespace pollux::bench {

using Nanos = std::chrono::nanoseconds;

struct CpuTime {
  Nanos io_thread{0};      // of the calling thread
  Nanos other_threads{0};  // state journal, pool
  Nanos workers{0};        // jq
  Nanos user{0};           // of this process, without the workers
  Nanos system{0};
  long switches = 0;  // context switches of this process, wanted or not

  Nanos total() const { return io_thread + other_threads + workers; }
  CpuTime since(const CpuTime& begin) const;
};

CpuTime cpu_time(const std::vector<pid_t>& workers);

}  // namespace pollux::bench
