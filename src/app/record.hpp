#pragma once
// SPDX-License-Identifier: Apache-2.0
// `pollux record`: runs polls against the real APIs and writes what these answered as fixtures. Publishes
// nothing. It opens the state only where it has to: for limits and refresh tokens; else it works beside a
// daemon. Blocks the calling thread.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/runtime.hpp"
#include "fixture/folder.hpp"
#include "fixture/stand_in.hpp"

namespace pollux::app {

struct Recording {
  fixture::Place place;
  std::optional<Error> error;  // why nothing was written
  std::size_t answers = 0;
  std::size_t objects = 0;
  std::string note;  // something to look at; may be empty
};

/// A runtime whose polls can be recorded. Where an upstream that they ask has limits or a refresh token, the
/// state file is opened, and kState is returned while a daemon holds it.
Result<std::unique_ptr<Runtime>> make_recording_runtime(config::File file,
                                                        const config::Environment& environment,
                                                        std::optional<config::LogLevel> level);

/// Every poll of the runtime's file, one after another. `witness` saw the file being loaded. Each fixture is
/// replayed before it is written, and nothing is written in which a secret stands.
std::vector<Recording> record_polls(Runtime& runtime, const fixture::Witness& witness,
                                    const std::string& name, Time at);

}  // namespace pollux::app
