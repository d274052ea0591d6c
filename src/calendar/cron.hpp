#pragma once
// SPDX-License-Identifier: Apache-2.0
// Cron expressions with five fields, as crontab(5) has them: minute hour day-of-month month day-of-week; *,
// lists, ranges, steps, names (JAN, MON; any case), 7 for Sunday, and @hourly @daily @midnight @weekly
// @monthly @yearly @annually. When both days are restricted either is enough; a field that starts with * does
// not restrict. Pure value type.

#include <bitset>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pollux::calendar {

struct CronExpression {
  std::bitset<60> minutes;
  std::bitset<24> hours;
  std::bitset<32> days;     // 1..31
  std::bitset<13> months;   // 1..12
  std::bitset<7> weekdays;  // 0 is Sunday
  bool any_day = true;      // day of month starts with *
  bool any_weekday = true;  // day of week starts with *
  std::string text;

  bool operator==(const CronExpression&) const = default;
};

/// The message of an error names the field, what was found and what it may be.
Result<CronExpression> parse_cron(std::string_view text);

/// The same grammar as a regular expression of JSON Schema (ECMA 262). It cannot see two things that
/// parse_cron refuses: a range that runs backwards ("30-10"), and "SUN" at a place where only the end of a
/// range makes it 7.
std::string cron_pattern();

}  // namespace pollux::calendar
