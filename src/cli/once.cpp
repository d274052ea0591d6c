// SPDX-License-Identifier: Apache-2.0
#include "app/once.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/exit_code.hpp"
#include "base/nearest.hpp"
#include "base/units.hpp"
#include "cli/commands.hpp"

namespace pollux::cli {
namespace {

struct OnceOptions {
  FileOptions file;
  std::vector<std::string> polls;
  std::string at;
};

Result<std::vector<std::string>> choose(const config::File& file, const std::vector<std::string>& asked) {
  std::vector<std::string> all;
  for (const auto& [name, poll] : file.polls) all.push_back(name);
  if (asked.empty()) return all;
  for (const std::string& name : asked) {
    if (file.polls.contains(name)) continue;
    auto meant = nearest(name, all);
    return fail(ErrorKind::kUsage,
                meant ? fmt::format("there is no poll {}; did you mean {}?", name, *meant)
                      : fmt::format("there is no poll {}; there are {}", name, fmt::join(all, ", ")));
  }
  return asked;
}

int once(const OnceOptions& options) {
  std::optional<Time> at;
  if (!options.at.empty()) {
    at = parse_time(options.at);
    if (!at) {
      return print_error(
          {ErrorKind::kUsage,
           fmt::format("--at {}: not a time; write 2026-01-31 or 2026-01-31T12:00:00Z", options.at),
           {},
           {}});
    }
  }
  Ready ready = make_ready(options.file);
  if (!ready.runtime) return ready.exit;
  auto polls = choose(ready.runtime->file, options.polls);
  if (!polls) return print_error(polls.error());
  return app::run_polls_once(*ready.runtime, *polls, at);
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
