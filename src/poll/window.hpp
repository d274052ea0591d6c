#pragma once
// SPDX-License-Identifier: Apache-2.0
// The rolling history of a poll with `window:`: a JSON list that grows by each run's rows and forgets the
// oldest. A row keeps the bytes it came with. Pure; any thread.

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/poll.hpp"

namespace pollux::poll {

/// `window` (a JSON list as this function made it; empty before the first run) with what the run made: a
/// row, a list of rows, or null for none. Rows stand in the order of their arrival; one whose key is there
/// already takes that row's place. What is older than the policy's age at `now`, and the oldest beyond its
/// number, are gone. kRejected where a new row has no key or no time that can be read: a policy that cannot
/// be kept would double rows, or keep them for ever. kState where `window` is no list.
Result<std::string> roll(std::string_view window, std::string_view made, const config::Window& policy,
                         Time now);

}  // namespace pollux::poll
