#pragma once
// SPDX-License-Identifier: Apache-2.0
// A place in a JSON answer, written as jq would: `.meta.next[0]`, `.["@odata.nextLink"]`, `.` for the whole.
// Pure; any thread.

#include <expected>
#include <string>

#include "config/shape.hpp"

namespace pollux::config {

ShapePtr<JsonPath> json_path();

}  // namespace pollux::config
