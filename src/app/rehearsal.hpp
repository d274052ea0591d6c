#pragma once
// SPDX-License-Identifier: Apache-2.0
// A whole run whose objects stay in memory: what `record` and `test` are made of. Blocks the calling thread,
// which becomes the io thread for as long.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/runtime.hpp"

namespace pollux::app {

struct Rehearsed {
  std::optional<Error> error;                  // why nothing would have been published
  std::map<std::string, std::string> objects;  // the bodies by path
};

/// `runtime` was made with publishes = false. The run knows of none before it. It waits for limits as long as
/// one of `once` does, and not at all where the clock stands still.
Rehearsed rehearse(Runtime& runtime, const config::Poll& poll, Time at);

/// The file with these polls alone; the others may be many, and are not copied.
config::File only(const config::File& file, const std::vector<std::string>& polls);

}  // namespace pollux::app
