// SPDX-License-Identifier: Apache-2.0
#include "app/replay.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/fixture_loader.hpp"
#include "app/rehearsal.hpp"
#include "fixture/difference.hpp"
#include "fixture/replay_client.hpp"
#include "fixture/stand_in.hpp"

namespace pollux::app {
namespace {

using fixture::Fixture;
using fixture::ReplayClient;

std::string end_text(const std::optional<Error>& error) {
  if (!error) return "the run ended well";
  return fmt::format("the run ended with {}: {}", kind_name(error->kind), error->text());
}

// What the run itself has to say; its objects are compared elsewhere.
std::vector<std::string> problems_of(const Fixture& fixture, const Rehearsed& run,
                                     const ReplayClient& client) {
  std::vector<std::string> out = client.missing();
  if (fixture.fails) {
    bool as_told = run.error && run.error->kind == *fixture.fails;
    if (!as_told)
      out.push_back(fmt::format("{}; it was to end with {}", end_text(run.error), kind_name(*fixture.fails)));
  } else if (run.error && out.empty()) {
    out.push_back(end_text(run.error));
  }
  // A run that broke off has not asked for all that it would have.
  if (run.error || !out.empty()) return out;
  for (const std::string& request : client.unused()) out.push_back("never asked for " + request);
  return out;
}

void compare(const Fixture& fixture, const Replayed& run, FixtureResult& result) {
  for (const auto& [path, expected] : fixture.expected) {
    auto made = run.objects.find(path);
    if (made == run.objects.end()) {
      result.problems.push_back(fmt::format("made no {}, which is expected", path));
      continue;
    }
    std::string difference = fixture::difference(expected, made->second);
    if (difference.empty()) continue;
    auto file = result.place.folder / fixture::kExpectedFolder / path;
    result.difference += fmt::format("--- {}\n+++ what it makes now\n{}", file.string(), difference);
  }
  for (const auto& [path, object] : run.objects) {
    if (!fixture.expected.contains(path))
      result.problems.push_back(
          fmt::format("made {}, of which {}/ has nothing", path, fixture::kExpectedFolder));
  }
}

void run_fixture(const Fixture& fixture, FixtureLoader& loader, const config::Environment& real, bool update,
                 FixtureResult& result) {
  const auto& loaded = loader.load(fixture);
  if (!loaded) {
    for (const config::Fault& fault : loaded.error()) result.problems.push_back(fault.text());
    return;
  }
  if (!loaded->file.polls.contains(result.place.poll)) {
    result.problems.push_back("the file has no poll " + result.place.poll);
    return;
  }
  Replayed run = replay(loaded->file, result.place.poll, fixture, fixture::stand_in(fixture, real));
  result.problems = run.problems;
  if (!result.problems.empty()) return;
  compare(fixture, run, result);
  if (result.good() || !update) return;
  result.problems.clear();
  result.difference.clear();
  if (auto written = fixture::write_expected(result.place.folder, run.objects); !written) {
    result.problems.push_back(written.error().text());
  } else {
    result.updated = true;
  }
}

}  // namespace

Replayed replay(const config::File& file, const std::string& poll, const Fixture& fixture,
                const config::Environment& environment) {
  config::File alone = only(file, {poll});
  if (auto yaml = environment.read(file.path)) fixture::forget_open_headers(alone, *yaml);
  fixture::make_hermetic(alone);
  const ReplayClient* client = nullptr;
  RuntimeOptions options;
  options.level = config::LogLevel::kError;
  options.stands_at = fixture.at;
  options.keeps_state = false;
  options.publishes = false;
  options.client = [&](const RuntimeOptions::RealClient&, Redactor& redactor) {
    auto made = std::make_unique<ReplayClient>(fixture.exchanges, redactor);
    client = made.get();
    return made;
  };
  auto runtime = Runtime::make(std::move(alone), std::move(options));
  if (!runtime) return {{runtime.error().text()}, {}};
  auto faults = (*runtime)->verify(environment);
  if (!faults) return {{faults.error().text()}, {}};
  Replayed out;
  for (const config::Fault& fault : *faults) out.problems.push_back(fault.text());
  if (!out.problems.empty()) return out;
  Rehearsed run = rehearse(**runtime, (*runtime)->file.polls.at(poll), fixture.at);
  out.problems = problems_of(fixture, run, *client);
  out.objects = std::move(run.objects);
  return out;
}

Fixtures read_fixtures(const std::filesystem::path& config) {
  Fixtures out;
  for (fixture::Place& place : fixture::find_fixtures(config)) {
    auto read = fixture::read_fixture(place.folder);
    out.emplace_back(std::move(place), std::move(read));
  }
  return out;
}

std::expected<config::Loaded, std::vector<config::Fault>> load_for_tests(const std::filesystem::path& config,
                                                                         const Fixtures& fixtures,
                                                                         const config::Environment& real) {
  Fixture all;
  for (const auto& [place, fixture] : fixtures) {
    if (!fixture) continue;
    all.environment.insert(fixture->environment.begin(), fixture->environment.end());
    all.secrets.insert(fixture->secrets.begin(), fixture->secrets.end());
  }
  return config::load(config, fixture::stand_in(all, real));
}

TestReport run_fixtures(const config::File& file, const Fixtures& fixtures,
                        const std::vector<std::string>& polls, const config::Environment& real, bool update) {
  TestReport report;
  FixtureLoader loader(file.path, real);
  const bool all = polls.empty();
  auto asked = [&](const std::string& poll) { return all || std::ranges::find(polls, poll) != polls.end(); };
  for (const auto& [name, poll] : file.polls) {
    bool any = std::ranges::any_of(fixtures, [&](const auto& one) { return one.first.poll == name; });
    if (!any && asked(name)) report.without.push_back(name);
  }
  for (const auto& [place, fixture] : fixtures) {
    if (!asked(place.poll)) continue;
    FixtureResult& result = report.fixtures.emplace_back();
    result.place = place;
    if (fixture) {
      run_fixture(*fixture, loader, real, update, result);
    } else {
      result.problems.push_back(fixture.error().text());
    }
  }
  return report;
}

}  // namespace pollux::app
