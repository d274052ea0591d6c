#pragma once
// SPDX-License-Identifier: Apache-2.0
// Days and months as a time zone has them: what quotas are reset by. Pure. Any thread.

#include <string>

#include "base/clock.hpp"

namespace pollux::calendar {

/// From `begin` up to, not with, `end`.
struct Span {
  Time begin;
  Time end;
  bool operator==(const Span&) const = default;
};

/// The day, the month that holds `time` in `zone` (UTC where tzdata does not know it). A day has 23 or 25
/// hours where a clock is changed; one whose midnight is skipped begins at the shift.
Span local_day(Time time, const std::string& zone);
Span local_month(Time time, const std::string& zone);

}  // namespace pollux::calendar
