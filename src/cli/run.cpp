// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "app/daemon.hpp"
#include "app/exit_code.hpp"
#include "cli/commands.hpp"

namespace pollux::cli {
namespace {

int run(const FileOptions& options) {
  Ready ready = make_ready(options, app::LogOutput::kDrops);
  if (!ready.runtime) return ready.exit;
  auto ended = app::run_daemon(*ready.runtime);
  if (!ended) return print_error(ended.error());
  return *ended;
}

}  // namespace

void add_run(CLI::App& cli, Action& action) {
  auto options = std::make_shared<FileOptions>();
  CLI::App* command = cli.add_subcommand(
      "run", "The daemon: schedules, status page, health. SIGTERM drains, a second one ends");
  options->add_to(*command);
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace pollux::cli
