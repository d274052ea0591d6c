#pragma once
// SPDX-License-Identifier: Apache-2.0
// The bad answers themselves: a good one goes in, the fault's rule says what becomes of it. A table, so that
// a test can run over all of them by name. Pure functions.

#include <string>
#include <vector>

#include "apps/sample_api/fault.hpp"
#include "net/http_server.hpp"

namespace pollux::sample_api {

/// All kinds, sorted.
const std::vector<std::string>& fault_names();

/// Those that end at once and are small: what "any" chooses from.
const std::vector<std::string>& quick_fault_names();

/// `good` after it was spoiled. The rule's fault is one of fault_names().
net::ServerResponse bad_answer(const FaultRule& rule, const net::ServerRequest& request,
                               net::ServerResponse good);

}  // namespace pollux::sample_api
