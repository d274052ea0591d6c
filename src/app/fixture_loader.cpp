// SPDX-License-Identifier: Apache-2.0
#include "app/fixture_loader.hpp"

#include "fixture/stand_in.hpp"

namespace pollux::app {

const FixtureLoader::Loaded& FixtureLoader::load(const fixture::Fixture& fixture) {
  fixture::Fixture alike;
  alike.environment = fixture.environment;
  alike.secrets = fixture.secrets;
  auto [found, is_new] = loaded_.try_emplace(fixture::index_text(alike));
  if (is_new) found->second = config::load(file_, fixture::stand_in(fixture, real_));
  return found->second;
}

}  // namespace pollux::app
