// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "app/exit_code.hpp"
#include "app/verify.hpp"
#include "base/counted.hpp"
#include "cli/commands.hpp"
#include "poll/transform/worker_pool.hpp"

namespace pollux::cli {
namespace {

// All there is to say about a file that loads: programs and schemas too. Opens no state, so that it works
// beside a daemon.
Result<std::vector<config::Fault>> verify_alone(const config::File& file,
                                                const config::Environment& environment) {
  asio::io_context io;
  transform::WorkerPool programs(io, {});
  Result<std::vector<config::Fault>> out;
  auto done = [&](std::exception_ptr thrown, Result<app::Verified> verified) {
    io.stop();
    if (thrown) std::rethrow_exception(thrown);
    if (verified) {
      out = std::move(verified->faults);
    } else {
      out = std::unexpected(verified.error());
    }
  };
  asio::co_spawn(io, app::verify(file, environment, programs), done);
  io.run();
  return out;
}

int check(const FileOptions& options) {
  const config::Environment environment = config::process_environment();
  auto loaded = config::load(options.file, environment);
  if (!loaded) {
    print_faults(loaded.error());
    return app::kExitUsage;
  }
  print_faults(loaded->warnings);
  auto faults = verify_alone(loaded->file, environment);
  if (!faults) return print_error(faults.error());
  if (!faults->empty()) {
    print_faults(*faults);
    return app::kExitUsage;
  }
  const config::File& file = loaded->file;
  fmt::print("{}: good: {}, {}, {}\n", options.file.string(), counted(file.upstreams.size(), "upstream"),
             counted(file.stores.size(), "store"), counted(file.polls.size(), "poll"));
  return app::kExitWell;
}

}  // namespace

void add_check(CLI::App& cli, Action& action) {
  auto options = std::make_shared<FileOptions>();
  CLI::App* command =
      cli.add_subcommand("check", "Is the file right? All faults at once, each with line, column and mend");
  options->add_to(*command, false);
  command->callback([options, &action] { action = [options] { return check(*options); }; });
}

}  // namespace pollux::cli
