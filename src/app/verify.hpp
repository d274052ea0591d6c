#pragma once
// SPDX-License-Identifier: Apache-2.0
// What load() cannot see without running something: do the jq programs compile, are the JSON Schemas schemas.
// `check`, `run` and `once` all ask it, so that none of them starts on a file that another would refuse. io
// thread.

#include <map>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "poll/check/schema.hpp"
#include "poll/transform/program_runner.hpp"

namespace pollux::app {

struct Verified {
  std::vector<config::Fault> faults;
  std::map<std::string, check::Schema> schemas;  // by poll
};

/// Compiles each distinct program and schema once. The Error is for a worker that could not be started.
Task<Result<Verified>> verify(const config::File& file, const config::Environment& environment,
                              transform::ProgramRunner& programs);

}  // namespace pollux::app
