#pragma once
// SPDX-License-Identifier: Apache-2.0
// One child process that runs worker_main(): started, limited from outside, killed and reaped by its pid (no
// SIGCHLD handler, which would be everybody's). Owned by a Worker. It must be started by a thread that lives
// as long as it: Linux sends the parent-death signal when that thread ends.

#include <sys/types.h>

#include <filesystem>
#include <optional>

#include "base/result.hpp"
#include "base/units.hpp"

namespace pollux::transform {

class WorkerProcess {
 public:
  /// Executes `executable` as "pollux jq-worker" with an empty environment, standard streams on /dev/null,
  /// its own process group (a Ctrl-C on the daemon's terminal is the daemon's), and the socket as kWorkerFd.
  static Result<WorkerProcess> start(const std::filesystem::path& executable);

  /// Kills and reaps.
  ~WorkerProcess();
  WorkerProcess(WorkerProcess&& other) noexcept;
  WorkerProcess& operator=(WorkerProcess&&) = delete;

  pid_t pid() const { return pid_; }
  /// Our end of the socket; the caller closes it. -1 when taken before.
  int take_socket();

  /// How much address space it may use from now on. False where the kernel refuses.
  bool limit_memory(Bytes most) const;
  void kill() const;
  /// Its wait status, once it has ended; does not wait.
  std::optional<int> ended();
  /// Waits for its end: only after kill().
  void wait();

 private:
  WorkerProcess(pid_t pid, int socket) : pid_(pid), socket_(socket) {}
  pid_t pid_ = -1;
  int socket_ = -1;
  std::optional<int> status_;
};

/// "was killed by signal 9 (Killed)", "ended with 3".
std::string describe_end(int wait_status);

}  // namespace pollux::transform
