#pragma once
// SPDX-License-Identifier: Apache-2.0
// The status as JSON: what `pollux status` and scripts read. Times are RFC 3339, durations whole
// milliseconds; what is not known is null. Pure function.

#include <string>

#include "console/data_source.hpp"

namespace pollux::console {

std::string status_json(const StatusView& status);

}  // namespace pollux::console
