#pragma once
// SPDX-License-Identifier: Apache-2.0
// The command line: parse, dispatch, print. One small file for each command; each adds itself to the CLI and
// returns what to do when it is chosen. Main thread.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/runtime.hpp"
#include "config/load.hpp"

namespace CLI {
class App;
}

namespace pollux::cli {

/// Does the chosen command; its value is the exit code.
using Action = std::function<int()>;

/// The whole command line. Never throws; faults of usage are printed on standard error and end with 2.
int run_command_line(int argc, const char* const* argv);

void add_check(CLI::App& cli, Action& action);
void add_doctor(CLI::App& cli, Action& action);
void add_egress(CLI::App& cli, Action& action);
void add_once(CLI::App& cli, Action& action);
void add_record(CLI::App& cli, Action& action);
void add_plan(CLI::App& cli, Action& action);
void add_run(CLI::App& cli, Action& action);
void add_schema(CLI::App& cli, Action& action);
void add_test(CLI::App& cli, Action& action);

/// What all commands that read the file share: -c FILE and --log-level.
struct FileOptions {
  std::filesystem::path file = "pollux.yaml";
  std::optional<config::LogLevel> level;

  void add_to(CLI::App& command, bool with_level = true);
};

/// The file checked and taken apart, ready to run; or the exit code, with everything that is wrong already
/// printed.
struct Ready {
  std::unique_ptr<app::Runtime> runtime;
  int exit = 0;
};
Ready make_ready(const FileOptions& options, app::LogOutput output);

/// The polls that were named, or all when none was; kUsage for one that is not there.
Result<std::vector<std::string>> choose_polls(const config::File& file,
                                              const std::vector<std::string>& asked);

/// The value of --at; nullopt where it was not given, kUsage where it is no time.
Result<std::optional<Time>> time_of(const std::string& text);

/// Prints faults one a line on standard error, and how many there are.
void print_faults(const std::vector<config::Fault>& faults);

/// Prints "pollux: message" on standard error; the exit code that belongs to it.
int print_error(const Error& error);

}  // namespace pollux::cli
