#pragma once
// SPDX-License-Identifier: Apache-2.0
// The last verb of a run: puts what was made where the poll publishes it, as far as it differs from what the
// record says is there. io thread; canceled as the stores are.

#include <string>
#include <vector>

#include "poll/run_once.hpp"

namespace pollux::poll {

/// Whether publish_objects would write anything.
bool has_news(const Stages& stages, const config::Poll& poll, const Prepared& prepared, const Record& record);

/// Writes what changed, and says so in `report` and its record: also what was written before a failure.
Task<Result<void>> publish_objects(const Stages& stages, const config::Poll& poll, const Prepared& prepared,
                                   RunReport& report);

}  // namespace pollux::poll
