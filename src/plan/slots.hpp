#pragma once
// SPDX-License-Identifier: Apache-2.0
// How many slots of a schedule fall into some length of time, at the most and whatever the time begins with:
// the bound that a plan's worst case is made of. Pure.

#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "calendar/schedule_rule.hpp"

namespace pollux::plan {

class Slots {
 public:
  /// Looks at the next 400 days from `now`.
  Slots(const calendar::ScheduleRule& rule, Time now);

  /// The most slots that any half-open stretch of this length has.
  std::uint64_t most_in(Millis length) const;

 private:
  void look_at_cron(const calendar::CronRule& cron, Time now);
  std::uint64_t most_by_pattern(Millis length) const;

  Millis period_{0};  // of `every`; zero: cron
  // A cron rule with few slots has them all here; of one with many these are those around clock changes, and
  // `by_minute_` has a day of it.
  std::vector<Time> seen_;
  bool complete_ = false;
  Millis slack_{0};
  std::vector<std::uint32_t> by_minute_;  // slots before each minute of two days in a row
};

}  // namespace pollux::plan
