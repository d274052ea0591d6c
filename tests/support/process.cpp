// SPDX-License-Identifier: Apache-2.0
#include "tests/support/process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>
#include <thread>

namespace pollux::test {
namespace {

int decoded(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

std::vector<std::string> environment_of(const std::map<std::string, std::string>& added) {
  std::vector<std::string> out;
  for (const char* name : {"PATH", "HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"}) {
    const char* value = getenv(name);
    if (value != nullptr && !added.contains(name)) out.push_back(std::string(name) + "=" + value);
  }
  for (const auto& [name, value] : added) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

}  // namespace

Process::Process(Options options) {
  std::string out_file = (files_ / "out").string();
  std::string err_file = (files_ / "err").string();
  std::string directory = options.directory.string();
  auto environment = environment_of(options.environment);
  auto argv = pointers(options.argv);
  auto envp = pointers(environment);
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int out = open(out_file.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    int err = open(err_file.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    int in = open("/dev/null", O_RDONLY);
    if (out < 0 || err < 0 || in < 0) _exit(126);
    dup2(in, 0);
    dup2(options.output < 0 ? out : options.output, 1);
    dup2(err, 2);
    if (!directory.empty() && chdir(directory.c_str()) != 0) _exit(126);
    execvpe(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  setpgid(pid_, pid_);
}

Process::~Process() {
  if (running()) {
    kill(-pid_, SIGKILL);
    wait();
  }
}

void Process::signal(int number) const {
  if (!exit_) kill(pid_, number);
}

std::optional<int> Process::wait(std::chrono::milliseconds bound) {
  eventually([this] { return !running(); }, bound);
  return exit_;
}

bool Process::running() {
  if (exit_) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) == pid_) exit_ = decoded(status);
  return !exit_;
}

std::string Process::out() const { return read_text(files_ / "out"); }
std::string Process::err() const { return read_text(files_ / "err"); }

bool Process::wait_for_output(const std::string& text, std::chrono::milliseconds bound) {
  auto stands = [&] { return (out() + "\n" + err()).find(text) != std::string::npos; };
  bool found = false;
  eventually([&] { return (found = stands()) || !running(); }, bound);
  return found || stands();
}

Finished run_program(Process::Options options, std::chrono::milliseconds bound) {
  Process process(std::move(options));
  int exit = process.wait(bound).value_or(-1);
  return {exit, process.out(), process.err()};
}

std::uint16_t free_port() {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  bool bound = bind(fd, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
               getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  close(fd);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

bool listening(std::uint16_t port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(port);
  bool connected = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return connected;
}

bool eventually(const std::function<bool()>& true_yet, std::chrono::milliseconds bound) {
  auto end = std::chrono::steady_clock::now() + bound;
  while (!true_yet()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

std::optional<std::filesystem::path> find_program(const std::string& name) {
  const char* path = getenv("PATH");
  std::istringstream folders(std::string(path != nullptr ? path : "") + ":/usr/sbin:/sbin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    auto candidate = std::filesystem::path(folder) / name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

}  // namespace pollux::test
