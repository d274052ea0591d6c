// SPDX-License-Identifier: Apache-2.0
#include "poll/transform/worker_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "poll/transform/worker_main.hpp"

namespace pollux::transform {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

// posix_spawn: nothing of this process's runs between fork and exec, whatever its threads hold.
struct Plan {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;

  explicit Plan(int socket) {
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files, socket, kWorkerFd);
    posix_spawn_file_actions_addclosefrom_np(&files, kWorkerFd + 1);
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~Plan() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
};

std::unexpected<Error> cannot(std::string_view what, int code) {
  return fail(ErrorKind::kInternal,
              std::string("cannot ").append(what).append(": ").append(std::strerror(code)), Retry::later());
}

}  // namespace

Result<WorkerProcess> WorkerProcess::start(const std::filesystem::path& executable) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return cannot("open a socket for a jq worker", errno);
  Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);
  // Out of the way of the descriptors that the child's plan replaces.
  Descriptor moved(fcntl(theirs.get(), F_DUPFD_CLOEXEC, 10));
  if (moved.get() < 0) return cannot("open a socket for a jq worker", errno);

  Plan plan(moved.get());
  std::string name = "pollux";
  std::string role = "jq-worker";
  char* arguments[] = {name.data(), role.data(), nullptr};
  char* environment[] = {nullptr};
  pid_t pid = -1;
  int failed = posix_spawn(&pid, executable.c_str(), &plan.files, &plan.attributes, arguments, environment);
  if (failed != 0) return cannot("start a jq worker from " + executable.string(), failed);
  return WorkerProcess(pid, ours.release());
}

WorkerProcess::WorkerProcess(WorkerProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      socket_(std::exchange(other.socket_, -1)),
      status_(other.status_) {}

WorkerProcess::~WorkerProcess() {
  if (socket_ >= 0) close(socket_);
  if (pid_ < 0 || ended()) return;
  kill();
  wait();
}

void WorkerProcess::wait() {
  if (pid_ < 0 || status_) return;
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  status_ = status;
}

int WorkerProcess::take_socket() { return std::exchange(socket_, -1); }

bool WorkerProcess::limit_memory(Bytes most) const {
  rlimit now{};
  if (prlimit(pid_, RLIMIT_AS, nullptr, &now) != 0) return false;
  // Only the soft limit, so that the next program may have more; the worker's filter keeps it from raising
  // its own.
  now.rlim_cur = std::min<rlim_t>(most.count, now.rlim_max);
  return prlimit(pid_, RLIMIT_AS, &now, nullptr) == 0;
}

void WorkerProcess::kill() const {
  // The pid is ours until it is reaped, so that this cannot hit a stranger.
  if (pid_ > 0 && !status_) ::kill(pid_, SIGKILL);
}

std::optional<int> WorkerProcess::ended() {
  int status = 0;
  if (!status_ && pid_ > 0 && waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_;
}

std::string describe_end(int wait_status) {
  if (!WIFSIGNALED(wait_status)) return "ended with " + std::to_string(WEXITSTATUS(wait_status));
  int number = WTERMSIG(wait_status);
  return "was killed by signal " + std::to_string(number) + " (" + strsignal(number) + ")";
}

}  // namespace pollux::transform
