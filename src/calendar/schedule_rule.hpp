#pragma once
// SPDX-License-Identifier: Apache-2.0
// When a poll is due: every so often, or by a cron expression in a time zone. Pure: times in, times out. Any
// thread. Below config, so that a bad expression is a fault of the file.

#include <optional>
#include <string>
#include <variant>

#include "base/clock.hpp"
#include "calendar/cron.hpp"

namespace pollux::calendar {

/// Runs at whole multiples of the period since the Unix epoch, plus an offset that is stable for each poll,
/// so that a restart does not move the slots and polls with the same period do not start together.
struct Every {
  Millis period{0};
  Millis offset{0};
};

struct CronRule {
  CronExpression expression;
  std::string zone = "UTC";  // a name of tzdata
};

using ScheduleRule = std::variant<Every, CronRule>;

/// The first slot strictly after `after`; nullopt if there is none in the next 8 years ("30 2 30 2 *"). Where
/// a clock is changed, an expression that names hours ("30 2 * * *") runs at the moment of the shift if its
/// time is skipped, and once if its hour comes twice; one that names no hour ("*/5 * * * *") goes on by
/// elapsed time, through both passes.
std::optional<Time> next_slot(const ScheduleRule& rule, Time after);

/// The usual distance between two slots, for freshness defaults: the period, or the distance of the next two
/// slots.
Millis usual_period(const ScheduleRule& rule, Time now);

/// Whether tzdata knows the zone.
bool known_zone(const std::string& name);

/// The calendar day of `time` in `zone`, moved by `days`, as "2026-01-02".
std::string local_date(Time time, const std::string& zone, int days);

}  // namespace pollux::calendar
