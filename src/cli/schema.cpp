// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/exit_code.hpp"
#include "cli/commands.hpp"
#include "egress/file/egress_file.hpp"

namespace pollux::cli {

void add_schema(CLI::App& cli, Action& action) {
  CLI::App* command = cli.add_subcommand(
      "schema", "Print the JSON Schema of the file, for editors that complete and check it");
  auto egress = std::make_shared<bool>(false);
  command->add_flag("--egress", *egress, "of egress.yaml, in place of pollux.yaml's");
  command->callback([egress, &action] {
    action = [egress] {
      fmt::print("{}\n", *egress ? egress::egress_schema() : config::schema_json());
      return app::kExitWell;
    };
  });
}

}  // namespace pollux::cli
