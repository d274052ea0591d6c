#pragma once
// SPDX-License-Identifier: Apache-2.0
// What is logged: a name from a fixed list, a sentence, and typed fields. Value types.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"

namespace pollux::log {

enum class Level { kDebug, kInfo, kWarning, kError };

using FieldValue = std::variant<std::string, std::int64_t, double, bool>;
using Fields = std::vector<std::pair<std::string, FieldValue>>;

struct Event {
  Level level = Level::kInfo;
  std::string name;     // "run", "start", "stop", "status_object", ...: what a machine filters by
  std::string message;  // one sentence for people
  Fields fields;
};

/// One line without its end: {"time":"...","level":"info","event":"run","message":"...",...}. Pure.
std::string as_json(const Event& event, Time time);

/// One line for a terminal: "10:02:03 warning  wait-times: kept ...". Pure.
std::string as_text(const Event& event, Time time);

std::string_view level_name(Level level);

}  // namespace pollux::log
