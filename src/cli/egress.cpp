// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "app/egress_daemon.hpp"
#include "app/exit_code.hpp"
#include "app/poller_needs.hpp"
#include "cli/commands.hpp"
#include "config/text_shapes.hpp"
#include "egress/file/poller_egress.hpp"

namespace pollux::cli {
namespace {

struct EgressCommand {
  FileOptions file{.file = "egress.yaml", .level = std::nullopt};
  bool from_environment = false;
  std::filesystem::path poller;  // --for; empty: not given
  std::string listen;            // with it; empty: where the poller looks for the proxy
  bool print = false;
};

Result<std::optional<config::Listen>> listen_of(const EgressCommand& command) {
  if (command.listen.empty()) return std::optional<config::Listen>();
  auto listen = config::parse_listen_address(command.listen);
  if (listen) return listen;
  return fail(
      ErrorKind::kUsage,
      fmt::format("--listen {}: not an address; write 127.0.0.1:3128, [::1]:3128 or 3128", command.listen));
}

using Faults = std::vector<config::Fault>;
using Listen = std::optional<config::Listen>;

std::expected<egress::LoadedEgress, Faults> load(const EgressCommand& command, const Listen& listen,
                                                 const config::Environment& environment) {
  if (command.from_environment) return egress::egress_of(environment);
  const egress::PollerFile poller = app::poller_file(environment);
  if (command.poller.empty()) return egress::load_egress(command.file.file, environment, poller);
  auto needs = poller(command.poller);
  if (!needs) return std::unexpected(std::move(needs.error()));
  egress::LoadedEgress out;
  out.file = egress::egress_for(*needs, listen.value_or(egress::listen_for(*needs)));
  out.warnings = std::move(needs->warnings);
  if (needs->by_tls) {
    const std::string found =
        fmt::format("{} is asked by https there, and this proxy speaks plain HTTP", needs->proxy);
    out.warnings.push_back(
        {needs->file, {}, "", found, "", "--print makes a file to which TLS can be added", true});
  }
  return out;
}

int print(const EgressCommand& command, const Listen& listen) {
  auto needs = app::poller_file(config::process_environment())(command.poller);
  print_faults(needs ? needs->warnings : needs.error());
  if (!needs) return app::kExitUsage;
  fmt::print("{}", egress::egress_yaml(*needs, listen.value_or(egress::listen_for(*needs))));
  return app::kExitWell;
}

int run(const EgressCommand& command) {
  const auto listen = listen_of(command);
  if (!listen) return print_error(listen.error());
  if (command.print) return print(command, *listen);
  auto again = [command, listen = *listen, environment = config::process_environment()] {
    return app::load_marked(environment,
                            [&](const config::Environment& marked) { return load(command, listen, marked); });
  };
  auto [loaded, marks] = again();
  print_faults(loaded ? loaded->warnings : loaded.error());
  if (loaded) print_faults(loaded->certificate_faults);
  if (!loaded || !loaded->certificate_faults.empty()) return app::kExitUsage;
  app::EgressOptions options;
  options.file = std::move(loaded->file);
  options.marks = std::move(marks);
  options.level = command.file.level;
  options.load = again;
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
  CLI::Option* environment =
      command->add_flag("--from-environment", options->from_environment,
                        "no file: PROXY_ALLOW, PROXY_DENY, PROXY_PORTS, PROXY_USERNAME, PROXY_PASSWORD (or "
                        "PROXY_ANYBODY=true) and PORT");
  CLI::Option* poller =
      command
          ->add_option(
              "--for", options->poller,
              "no file: what the upstreams and stores of this pollux.yaml need of their proxy, and nothing "
              "more, for who comes with the user and password that stand there")
          ->type_name("FILE")
          ->excludes(environment)
          ->excludes(command->get_option("--config"));
  command
      ->add_option("--listen", options->listen,
                   "with --for; default: where the file looks for the proxy, if that is this machine, or "
                   "127.0.0.1:3128")
      ->type_name("HOST:PORT")
      ->needs(poller);
  command->add_flag("--print", options->print, "with --for: writes it as an egress.yaml, and does not serve")
      ->needs(poller);
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace pollux::cli
