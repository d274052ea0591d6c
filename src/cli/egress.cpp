// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <filesystem>

#include "app/egress_daemon.hpp"
#include "app/exit_code.hpp"
#include "cli/commands.hpp"

namespace pollux::cli {
namespace {

struct EgressCommand {
  FileOptions file{.file = "egress.yaml", .level = std::nullopt};
  bool from_environment = false;
};

int run(const EgressCommand& command) {
  const config::Environment environment = config::process_environment();
  auto load = [command, environment] {
    return command.from_environment ? egress::egress_of(environment)
                                    : egress::load_egress(command.file.file, environment);
  };
  auto loaded = load();
  if (!loaded) {
    print_faults(loaded.error());
    return app::kExitUsage;
  }
  print_faults(loaded->warnings);
  app::EgressOptions options;
  if (!command.from_environment) options.config = command.file.file;
  options.file = std::move(loaded->file);
  options.level = command.file.level;
  options.load = load;
  auto ended = app::run_egress(std::move(options));
  if (!ended) return print_error(ended.error());
  return *ended;
}

}  // namespace

void add_egress(CLI::App& cli, Action& action) {
  auto options = std::make_shared<EgressCommand>();
  CLI::App* command = cli.add_subcommand(
      "egress", "A forward proxy with allow and deny lists. SIGHUP or a changed file reads the lists anew");
  options->file.add_to(*command);
  command->add_flag("--from-environment", options->from_environment,
                    "no file: PROXY_ALLOW, PROXY_DENY, PROXY_PORTS, PROXY_USERNAME, PROXY_PASSWORD (or "
                    "PROXY_ANYBODY=true) and PORT");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace pollux::cli
