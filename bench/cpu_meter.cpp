// SPDX-License-Identifier: Apache-2.0
#include "bench/cpu_meter.hpp"

#include <sys/resource.h>
#include <time.h>

namespace pollux::bench {
namespace {

Nanos read(clockid_t clock) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) return Nanos(0);
  return std::chrono::seconds(time.tv_sec) + Nanos(time.tv_nsec);
}

Nanos of_process(pid_t pid) {
  clockid_t clock{};
  return clock_getcpuclockid(pid, &clock) == 0 ? read(clock) : Nanos(0);
}

Nanos as_nanos(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

}  // namespace

CpuTime CpuTime::since(const CpuTime& begin) const {
  return {io_thread - begin.io_thread, other_threads - begin.other_threads,
          workers - begin.workers,     user - begin.user,
          system - begin.system,       switches - begin.switches};
}

CpuTime cpu_time(const std::vector<pid_t>& workers) {
  CpuTime now;
  now.io_thread = read(CLOCK_THREAD_CPUTIME_ID);
  now.other_threads = read(CLOCK_PROCESS_CPUTIME_ID) - now.io_thread;
  for (pid_t pid : workers) now.workers += of_process(pid);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  now.user = as_nanos(usage.ru_utime);
  now.system = as_nanos(usage.ru_stime);
  now.switches = usage.ru_nvcsw + usage.ru_nivcsw;
  return now;
}

}  // namespace pollux::bench
