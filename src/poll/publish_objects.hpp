#pragma once
// SPDX-License-Identifier: Apache-2.0
// The last verb of a run: puts what was made where the poll publishes it, as far as it differs from what the
// record says is there. io thread; canceled as the stores are.

#include <string>
#include <vector>

#include "poll/run_once.hpp"

namespace pollux::poll {

/// An object that is to be written.
struct Due {
  std::string key;  // "store:path"
  std::string store;
  publish::Object object;
  ObjectRecord record;  // what to remember of it
};

/// What of the poll's objects differs from what the record says is there, in the order of the file.
std::vector<Due> due_objects(const Stages& stages, const config::Poll& poll, const Prepared& prepared,
                             const Record& record);

/// Writes them one after the other, and says so in `report` and its record: also what was written before a
/// failure. Of what is not acknowledged the record knows nothing from then on: it may have arrived.
Task<Result<void>> publish_objects(const Stages& stages, std::vector<Due> due, RunReport& report);

}  // namespace pollux::poll
