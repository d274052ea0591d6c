// SPDX-License-Identifier: Apache-2.0
#include "app/record.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/exit_code.hpp"
#include "app/rehearsal.hpp"
#include "base/counted.hpp"
#include "cli/commands.hpp"

namespace pollux::cli {
namespace {

struct RecordOptions {
  FileOptions file;
  std::vector<std::string> polls;
  std::string name = "recorded";
  std::string at;
  bool force = false;
};

// Before anything is asked for: an answer that cannot be written would be a request for nothing.
Result<void> check_places(const RecordOptions& options, const std::vector<std::string>& polls) {
  if (!fixture::good_name(options.name))
    return fail(ErrorKind::kUsage, fmt::format("--name {}: only letters, digits, - _ and .", options.name));
  for (const std::string& poll : polls) {
    auto place = fixture::place_of(options.file.file, poll, options.name);
    std::error_code ignored;
    if (options.force || !std::filesystem::exists(place.folder / fixture::kIndexName, ignored)) continue;
    return fail(ErrorKind::kUsage,
                fmt::format("{} is there already; --force records it anew, --name NAME makes another",
                            place.folder.string()));
  }
  return {};
}

int print(const std::vector<app::Recording>& recordings) {
  bool well = true;
  for (const app::Recording& one : recordings) {
    if (one.error) {
      well = false;
      fmt::print("FAILED    {}: {}\n", one.place.label(), one.error->text());
      continue;
    }
    fmt::print("recorded  {}: {}, {} in {}\n", one.place.label(), counted(one.answers, "answer"),
               counted(one.objects, "object"), one.place.folder.string());
    if (!one.note.empty()) fmt::print("          look at it: {}\n", one.note);
  }
  return well ? app::kExitWell : app::kExitFailed;
}

int record(const RecordOptions& options) {
  auto at = time_of(options.at);
  if (!at) return print_error(at.error());
  fixture::Witness witness(config::process_environment());
  const config::Environment environment = witness.environment();
  auto loaded = config::load(options.file.file, environment);
  if (!loaded) {
    print_faults(loaded.error());
    return app::kExitUsage;
  }
  auto polls = choose_polls(loaded->file, options.polls);
  if (!polls) return print_error(polls.error());
  if (auto free = check_places(options, *polls); !free) return print_error(free.error());
  auto runtime =
      app::make_recording_runtime(app::only(loaded->file, *polls), environment, options.file.level);
  if (!runtime) return print_error(runtime.error());
  auto faults = (*runtime)->verify(environment);
  if (!faults) return print_error(faults.error());
  if (!faults->empty()) {
    print_faults(*faults);
    return app::kExitUsage;
  }
  // Whole seconds, as the fixture writes it: else its first replay would be at another time.
  Time when = std::chrono::floor<std::chrono::seconds>(at->value_or((*runtime)->clock.now()));
  return print(app::record_polls(**runtime, witness, options.name, when));
}

}  // namespace

void add_record(CLI::App& cli, Action& action) {
  auto options = std::make_shared<RecordOptions>();
  CLI::App* command = cli.add_subcommand(
      "record",
      "Save what the APIs answer, without secrets, as fixtures for `pollux test`; publishes nothing");
  options->file.add_to(*command);
  command->add_option("POLL", options->polls, "which polls; all when none is named");
  command->add_option("--name", options->name, "the fixture's name: fixtures/POLL/NAME beside the file")
      ->capture_default_str();
  command->add_option("--at", options->at, "run as if at this time: $fetched_at, now and ${date:...}");
  command->add_flag("--force", options->force, "write over a fixture of that name");
  command->callback([options, &action] { action = [options] { return record(*options); }; });
}

}  // namespace pollux::cli
