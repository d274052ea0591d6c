#pragma once
// SPDX-License-Identifier: Apache-2.0
// A real program started by the test that needs it, on loopback, and stopped by its own pid. Its output goes
// to files, so that it is never blocked by a full pipe and can be searched while it runs.

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/temp_dir.hpp"

namespace pollux::test {

class Process {
 public:
  struct Options {
    std::vector<std::string> argv;                   // argv[0] is looked up in PATH
    std::map<std::string, std::string> environment;  // added to PATH, HOME and the sanitizers' settings
    std::filesystem::path directory;                 // empty: the test's own
    int output = -1;                                 // a descriptor for its standard output, not a file
  };
  explicit Process(Options options);
  /// Kills it if it still runs, and its group with it.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  /// The exit code (128 + n for a signal); nullopt if it still runs after `bound`.
  std::optional<int> wait(std::chrono::milliseconds bound = std::chrono::seconds(60));
  bool running();
  std::string out() const;
  std::string err() const;
  /// Waits until `text` stands in its standard output or error; false if it ended or `bound` passed without.
  bool wait_for_output(const std::string& text, std::chrono::milliseconds bound = std::chrono::seconds(30));

 private:
  TempDir files_;
  pid_t pid_ = -1;
  std::optional<int> exit_;
};

struct Finished {
  int exit = -1;
  std::string out;
  std::string err;
};
/// Runs a program to its end. exit -1 if it did not end in `bound`.
Finished run_program(Process::Options options, std::chrono::milliseconds bound = std::chrono::seconds(60));

/// A TCP port of 127.0.0.1 that nothing listened on a moment ago.
std::uint16_t free_port();

/// Whether something accepts connections on 127.0.0.1:port.
bool listening(std::uint16_t port);

/// Asks `true_yet` every few milliseconds; false if it did not come true in `bound`.
bool eventually(const std::function<bool()>& true_yet,
                std::chrono::milliseconds bound = std::chrono::seconds(30));

/// The program's path in PATH (and /usr/sbin), or nullopt.
std::optional<std::filesystem::path> find_program(const std::string& name);

}  // namespace pollux::test
