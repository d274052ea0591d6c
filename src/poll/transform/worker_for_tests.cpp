// SPDX-License-Identifier: Apache-2.0
// What the tests start in place of the whole program. "jq-worker" is a worker as it is; other words make one
// that misbehaves in ways a program cannot; "probe" enters the sandbox and tells what it could still do.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "poll/transform/sandbox.hpp"
#include "poll/transform/worker_main.hpp"

namespace {

void tell(const char* what, long result) {
  char line[128];
  int size = snprintf(line, sizeof line, "%s: %s\n", what, result < 0 ? strerrorname_np(errno) : "allowed");
  if (write(1, line, static_cast<size_t>(size)) != size) _exit(9);
}

int probe() {
  auto sandbox = pollux::transform::enter_sandbox();
  if (!sandbox.no_seccomp.empty()) {
    std::string_view none = "no seccomp here\n";
    return write(1, none.data(), none.size()) > 0 ? 0 : 1;
  }
  char nothing[] = "";
  char* arguments[] = {nothing, nullptr};
  tell("open", open("/etc/passwd", O_RDONLY));
  tell("socket", socket(AF_INET, SOCK_STREAM, 0));
  tell("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, nullptr));
  tell("connect", connect(0, nullptr, 0));
  tell("fork", fork());
  tell("execve", execve("/bin/true", arguments, arguments));
  tell("kill", kill(getppid(), 0));
  tell("unlink", unlink("/nowhere"));
  void* executable = mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  tell("executable memory", executable == MAP_FAILED ? -1 : 0);
  void* memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  tell("memory", memory == MAP_FAILED ? -1 : 0);
  _exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  std::string_view role = argc > 1 ? argv[1] : "";
  if (role == "jq-worker") return pollux::transform::worker_main(pollux::transform::kWorkerFd);
  if (role == "probe") return probe();
  return 64;
}
