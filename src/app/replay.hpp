#pragma once
// SPDX-License-Identifier: Apache-2.0
// `pollux test`: each fixture's run once more, from the recorded answers alone, and its objects beside the
// expected ones. No socket is opened, no state read or written, the clock stands at the fixture's moment, and
// no secret is needed. Blocks the calling thread.

#include <expected>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "fixture/fixture.hpp"
#include "fixture/folder.hpp"

namespace pollux::app {

/// What came of running a fixture.
struct Replayed {
  std::vector<std::string> problems;           // what went otherwise than the fixture says; empty: nothing
  std::map<std::string, std::string> objects;  // by path
};

/// `file` was loaded with stand_in(fixture), which is `environment`.
Replayed replay(const config::File& file, const std::string& poll, const fixture::Fixture& fixture,
                const config::Environment& environment);

struct FixtureResult {
  fixture::Place place;
  std::vector<std::string> problems;
  std::string difference;  // of its objects from the expected ones: a diff for people
  bool updated = false;    // the expected ones were written anew
  bool good() const { return problems.empty() && difference.empty(); }
};

struct TestReport {
  std::vector<FixtureResult> fixtures;
  std::vector<std::string> without;  // polls that have none
};

/// Every fixture beside the file, however broken.
using Fixtures = std::vector<std::pair<fixture::Place, Result<fixture::Fixture>>>;
Fixtures read_fixtures(const std::filesystem::path& config);

/// The file as it can be loaded without secrets, with the variables of all fixtures: to see what polls there
/// are.
std::expected<config::Loaded, std::vector<config::Fault>> load_for_tests(const std::filesystem::path& config,
                                                                         const Fixtures& fixtures,
                                                                         const config::Environment& real);

/// The fixtures of these polls. `update` writes what was made in the place of what was expected.
TestReport run_fixtures(const config::File& file, const Fixtures& fixtures,
                        const std::vector<std::string>& polls, const config::Environment& real, bool update);

}  // namespace pollux::app
