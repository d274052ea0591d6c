// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/exit_code.hpp"
#include "cli/commands.hpp"

namespace pollux::cli {

void add_schema(CLI::App& cli, Action& action) {
  CLI::App* command = cli.add_subcommand(
      "schema", "Print the JSON Schema of the file, for editors that complete and check it");
  command->callback([&action] {
    action = [] {
      fmt::print("{}\n", config::schema_json());
      return app::kExitWell;
    };
  });
}

}  // namespace pollux::cli
