// SPDX-License-Identifier: Apache-2.0
#include "app/once.hpp"

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"

namespace pollux::cli {
namespace {

struct OnceOptions {
  FileOptions file;
  std::vector<std::string> polls;
  std::string at;
};

int once(const OnceOptions& options) {
  auto at = time_of(options.at);
  if (!at) return print_error(at.error());
  Ready ready = make_ready(options.file, app::LogOutput::kWaits);
  if (!ready.runtime) return ready.exit;
  auto polls = choose_polls(ready.runtime->file, options.polls);
  if (!polls) return print_error(polls.error());
  return app::run_polls_once(*ready.runtime, *polls, *at);
}

}  // namespace

void add_once(CLI::App& cli, Action& action) {
  auto options = std::make_shared<OnceOptions>();
  CLI::App* command = cli.add_subcommand(
      "once", "Run each poll (or those named) one time, then end: for cron, CI, task runners");
  options->file.add_to(*command);
  command->add_option("POLL", options->polls, "which polls; all when none is named");
  command->add_option("--at", options->at, "run as if at this time: $fetched_at, now and ${date:...}");
  command->callback([options, &action] { action = [options] { return once(*options); }; });
}

}  // namespace pollux::cli
