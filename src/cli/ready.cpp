// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/exit_code.hpp"
#include "cli/commands.hpp"

namespace pollux::cli {

void FileOptions::add_to(CLI::App& command, bool with_level) {
  command.add_option("-c,--config", file, "the file to work from")->capture_default_str();
  if (!with_level) return;
  static const std::map<std::string, config::LogLevel> kLevels{{"debug", config::LogLevel::kDebug},
                                                               {"info", config::LogLevel::kInfo},
                                                               {"warning", config::LogLevel::kWarning},
                                                               {"error", config::LogLevel::kError}};
  command.add_option("--log-level", level, "debug, info, warning or error; the file's log.level otherwise")
      ->transform(CLI::CheckedTransformer(kLevels, CLI::ignore_case));
}

void print_faults(const std::vector<config::Fault>& faults) {
  std::size_t errors = 0;
  for (const config::Fault& fault : faults) {
    fmt::print(stderr, "{}\n", fault.text());
    if (!fault.warning) ++errors;
  }
  if (errors > 0) fmt::print(stderr, "{} {} to mend\n", errors, errors == 1 ? "fault" : "faults");
}

int print_error(const Error& error) {
  fmt::print(stderr, "pollux: {}\n", error.text());
  return app::exit_code(error);
}

Ready make_ready(const FileOptions& options) {
  const config::Environment environment = config::process_environment();
  auto loaded = config::load(options.file, environment);
  if (!loaded) {
    print_faults(loaded.error());
    return {nullptr, app::kExitUsage};
  }
  auto runtime = app::Runtime::make(std::move(loaded->file), options.level);
  if (!runtime) return {nullptr, print_error(runtime.error())};
  for (const config::Fault& warning : loaded->warnings) (*runtime)->logger.warning("file", warning.text());
  auto faults = (*runtime)->verify(environment);
  if (!faults) return {nullptr, print_error(faults.error())};
  if (!faults->empty()) {
    print_faults(*faults);
    return {nullptr, app::kExitUsage};
  }
  return {std::move(*runtime), app::kExitWell};
}

}  // namespace pollux::cli
