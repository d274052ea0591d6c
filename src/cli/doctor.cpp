// SPDX-License-Identifier: Apache-2.0
#include "app/doctor.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/exit_code.hpp"
#include "base/redactor.hpp"
#include "cli/commands.hpp"

namespace pollux::cli {
namespace {

struct DoctorOptions {
  FileOptions file;
  std::string format = "text";
};

int doctor(const DoctorOptions& options) {
  const config::Environment environment = config::process_environment();
  auto loaded = config::load(options.file.file, environment);
  print_faults(loaded ? loaded->warnings : loaded.error());
  if (!loaded) return app::kExitUsage;
  const SystemClock clock;
  auto all = app::examine(loaded->file, environment, clock);
  if (!all) return print_error(all.error());
  Redactor redactor;
  for (const Secret& secret : loaded->file.secrets) redactor.hide(secret);
  fmt::print("{}", redactor.redact(options.format == "json" ? app::diagnosis_json(*all)
                                                            : app::diagnosis_text(*all)));
  return app::count_faults(*all) == 0 ? app::kExitWell : app::kExitFailed;
}

}  // namespace

void add_doctor(CLI::App& cli, Action& action) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App* command = cli.add_subcommand(
      "doctor", "What stands between here and each upstream and store: the proxy and what it decides, TLS");
  command->footer(
      "Each is looked at by the way that its requests take, as far as the request: CONNECT and the TLS "
      "handshake, "
      "no credentials but the proxy's, nothing that an API would count. Where the proxy sees the requests "
      "themselves (http through an http proxy) a HEAD of / is sent. No other way is tried.\n"
      "Exit codes: 0 no fault; 1 a fault; 2 the file or the command line is wrong.");
  options->file.add_to(*command, false);
  command->add_option("--format", options->format, "how it is printed")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->callback([options, &action] { action = [options] { return doctor(*options); }; });
}

}  // namespace pollux::cli
