#pragma once
// SPDX-License-Identifier: Apache-2.0
// What to change so that the usual use keeps the limits. Pure.

#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace pollux::plan {

/// One sentence for each limit of the upstream that is over.
std::vector<std::string> advise(const UpstreamPlan& upstream, const config::File& file);

/// The next longer period that people write: 2m for 1m40s.
Millis round_period(Millis period);

}  // namespace pollux::plan
