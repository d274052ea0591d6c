// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>

#include "app/exit_code.hpp"
#include "base/nearest.hpp"
#include "cli/commands.hpp"

namespace pollux::cli {
namespace {

constexpr const char* kAbout =
    "Polls APIs on a schedule, summarises and checks the answers, publishes them as static files.";
constexpr const char* kExits =
    "Exit codes: 0 well; 1 a poll kept its last object or failed, or a test did, or doctor found a fault; 2 "
    "the file or the command "
    "line is wrong; 3 plan: a limit is broken.";

// CLI11 says only that a command is missing.
std::optional<Error> unknown_command(const CLI::App& cli, int argc, const char* const* argv) {
  if (argc < 2 || argv[1][0] == '-') return std::nullopt;
  std::vector<std::string> names;
  for (const CLI::App* command : cli.get_subcommands(nullptr)) names.push_back(command->get_name());
  if (std::ranges::find(names, argv[1]) != names.end()) return std::nullopt;
  auto meant = nearest(argv[1], names);
  return Error{ErrorKind::kUsage,
               fmt::format("there is no command {}; {}", argv[1],
                           meant ? "did you mean " + *meant + "?"
                                 : fmt::format("there are {}", fmt::join(names, ", "))),
               {},
               {}};
}

int parse_and_run(int argc, const char* const* argv) {
  CLI::App cli(kAbout, "pollux");
  cli.footer(kExits);
  cli.set_version_flag("--version", "pollux " POLLUX_VERSION);
  cli.require_subcommand(1);
  Action action;
  add_run(cli, action);
  add_once(cli, action);
  add_check(cli, action);
  add_record(cli, action);
  add_test(cli, action);
  add_plan(cli, action);
  add_schema(cli, action);
  add_egress(cli, action);
  add_doctor(cli, action);
  if (auto mistyped = unknown_command(cli, argc, argv)) return print_error(*mistyped);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    bool asked = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
    cli.exit(error);
    return asked ? app::kExitWell : app::kExitUsage;
  }
  return action();
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  try {
    return parse_and_run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "pollux: this is a bug: %s\n", error.what());
    return app::kExitFailed;
  }
}

}  // namespace pollux::cli
