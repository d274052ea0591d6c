#pragma once
// SPDX-License-Identifier: Apache-2.0
// The file as fixtures have it loaded: with their variables, and stand-ins for secrets. One load for all that
// were recorded alike, since a file of thousands of polls takes its time. Blocks; one thread.

#include <expected>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "fixture/fixture.hpp"

namespace pollux::app {

class FixtureLoader {
 public:
  using Loaded = std::expected<config::Loaded, std::vector<config::Fault>>;

  FixtureLoader(std::filesystem::path file, config::Environment real)
      : file_(std::move(file)), real_(std::move(real)) {}

  /// Good for as long as this object lives.
  const Loaded& load(const fixture::Fixture& fixture);

 private:
  std::filesystem::path file_;
  config::Environment real_;
  std::map<std::string, Loaded> loaded_;
};

}  // namespace pollux::app
