// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/exit_code.hpp"
#include "app/replay.hpp"
#include "base/counted.hpp"
#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "cli/commands.hpp"

namespace pollux::cli {
namespace {

struct TestOptions {
  FileOptions file;
  std::vector<std::string> polls;
  bool update = false;
  bool strict = false;
  bool json = false;
};

std::size_t failures(const app::TestReport& report) {
  return static_cast<std::size_t>(
      std::ranges::count_if(report.fixtures, [](const auto& one) { return !one.good(); }));
}

std::string_view word_of(const app::FixtureResult& result) {
  if (!result.good()) return "FAILED ";
  return result.updated ? "updated" : "ok     ";
}

void print_text(const app::TestReport& report, bool strict) {
  for (const app::FixtureResult& one : report.fixtures) {
    fmt::print("{} {}\n", word_of(one), one.place.label());
    for (const std::string& problem : one.problems) fmt::print("        {}\n", problem);
    fmt::print("{}", one.difference);
  }
  for (const std::string& poll : report.without) {
    fmt::print("{} {}: no fixtures\n", strict ? "FAILED " : "none   ", poll);
  }
  const std::size_t failed = failures(report);
  fmt::print("{}: {} ok, {} failed", counted(report.fixtures.size(), "fixture"),
             report.fixtures.size() - failed, failed);
  if (!report.without.empty()) fmt::print("; {} without", counted(report.without.size(), "poll"));
  fmt::print("\n");
}

// A diff of texts may hold any bytes, a JSON text may not.
std::string quoted(const std::string& text) {
  std::string out = json_quote(text);
  if (check_json(out)) return out;
  std::string plain = text;
  std::ranges::replace_if(plain, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return json_quote(plain);
}

std::string quoted_list(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  for (const std::string& text : texts) out.push_back(quoted(text));
  return fmt::format("[{}]", fmt::join(out, ","));
}

void print_json(const app::TestReport& report) {
  std::vector<std::string> fixtures;
  for (const app::FixtureResult& one : report.fixtures) {
    fixtures.push_back(fmt::format(
        R"({{"poll":{},"fixture":{},"folder":{},"ok":{},"updated":{},"problems":{},"difference":{}}})",
        quoted(one.place.poll), quoted(one.place.name), quoted(one.place.folder.string()), one.good(),
        one.updated, quoted_list(one.problems), quoted(one.difference)));
  }
  const std::size_t failed = failures(report);
  fmt::print(R"({{"fixtures":[{}],"without":{},"ok":{},"failed":{}}})"
             "\n",
             fmt::join(fixtures, ","), quoted_list(report.without), report.fixtures.size() - failed, failed);
}

int test(const TestOptions& options) {
  const config::Environment real = config::process_environment();
  const app::Fixtures fixtures = app::read_fixtures(options.file.file);
  auto loaded = app::load_for_tests(options.file.file, fixtures, real);
  if (!loaded) {
    print_faults(loaded.error());
    return app::kExitUsage;
  }
  auto polls = choose_polls(loaded->file, options.polls);
  if (!polls) return print_error(polls.error());
  // A fixture of a poll that is not in the file is told of where all are asked for.
  auto report = app::run_fixtures(loaded->file, fixtures, options.polls, real, options.update);
  if (options.json) {
    print_json(report);
  } else {
    print_text(report, options.strict);
  }
  bool well = failures(report) == 0 && (report.without.empty() || !options.strict);
  return well ? app::kExitWell : app::kExitFailed;
}

}  // namespace

void add_test(CLI::App& cli, Action& action) {
  auto options = std::make_shared<TestOptions>();
  CLI::App* command = cli.add_subcommand(
      "test", "Run each poll's fixtures offline, without secrets, and compare with the expected objects");
  options->file.add_to(*command, false);
  command->add_option("POLL", options->polls, "which polls; all when none is named");
  command->add_flag("--update", options->update, "write what is made now in the place of what was expected");
  command->add_flag("--strict", options->strict, "a poll without fixtures is a failure");
  command
      ->add_option_function<std::string>(
          "--format", [options](const std::string& word) { options->json = word == "json"; }, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  command->callback([options, &action] { action = [options] { return test(*options); }; });
}

}  // namespace pollux::cli
