// SPDX-License-Identifier: Apache-2.0
#include "poll/transform/sandbox.hpp"

#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace pollux::transform {
namespace {

void limit(decltype(RLIMIT_CORE) resource, rlim_t most) {
  rlimit value{most, most};
  setrlimit(resource, &value);
}

std::uint64_t address_space() {
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen("/proc/self/statm", "re"), std::fclose);
  unsigned long long pages = 0;
  if (!file || std::fscanf(file.get(), "%llu", &pages) != 1) return 0;
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// What libjq, malloc and abort() call once everything is loaded. read and write are harmless: the socket to
// the daemon and /dev/null are all that is open, and nothing else can be opened.
constexpr int kAllowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(sched_yield),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(fstat),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

int add_rules(scmp_filter_ctx filter) {
  int failed = 0;
  for (int call : kAllowed) failed = failed != 0 ? failed : seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
  // Memory, but none that could be executed.
  const scmp_arg_cmp not_executable{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0};
  for (int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
    failed = failed != 0 ? failed : seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &not_executable);
  }
  // abort() signals itself; nobody else can be signalled.
  const scmp_arg_cmp itself{0, SCMP_CMP_EQ, static_cast<scmp_datum_t>(getpid()), 0};
  return failed != 0 ? failed : seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &itself);
}

std::string install_filter() {
  // EPERM rather than death: the C library looks for /etc/localtime when a program asks for the local time,
  // and goes on without.
  std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)),
                                                          seccomp_release);
  if (!filter) return "libseccomp could not be started";
  int failed = add_rules(filter.get());
  if (failed == 0) failed = seccomp_load(filter.get());
  return failed == 0 ? "" : std::strerror(-failed);
}

}  // namespace

Sandbox enter_sandbox() {
  Sandbox sandbox;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  sandbox.baseline = address_space();
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NPROC, 0);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_NOFILE, 4);
  sandbox.no_seccomp = install_filter();
  return sandbox;
}

}  // namespace pollux::transform
