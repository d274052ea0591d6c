// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/exit_code.hpp"
#include "base/nearest.hpp"
#include "base/units.hpp"
#include "cli/commands.hpp"

namespace pollux::cli {

void FileOptions::add_to(CLI::App& command, bool with_level) {
  command.add_option("-c,--config", file, "the file to work from")->type_name("FILE")->capture_default_str();
  if (!with_level) return;
  static const std::map<std::string, config::LogLevel> kLevels{{"debug", config::LogLevel::kDebug},
                                                               {"info", config::LogLevel::kInfo},
                                                               {"warning", config::LogLevel::kWarning},
                                                               {"error", config::LogLevel::kError}};
  command.add_option("--log-level", level, "debug, info, warning or error; the file's log.level otherwise")
      ->option_text("LEVEL")
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

Result<std::vector<std::string>> choose_polls(const config::File& file,
                                              const std::vector<std::string>& asked) {
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

Result<std::optional<Time>> time_of(const std::string& text) {
  if (text.empty()) return std::optional<Time>();
  auto at = parse_time(text);
  if (at) return at;
  return fail(ErrorKind::kUsage,
              fmt::format("--at {}: not a time; write 2026-01-31 or 2026-01-31T12:00:00Z", text));
}

Ready make_ready(const FileOptions& options, app::LogOutput output) {
  const config::Environment environment = config::process_environment();
  auto loaded = config::load(options.file, environment);
  if (!loaded) {
    print_faults(loaded.error());
    return {nullptr, app::kExitUsage};
  }
  app::RuntimeOptions made;
  made.level = options.level;
  made.output = output;
  auto runtime = app::Runtime::make(std::move(loaded->file), std::move(made));
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
