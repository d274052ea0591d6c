// SPDX-License-Identifier: Apache-2.0
#include "plan/slots.hpp"

#include <algorithm>

namespace pollux::plan {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr Millis kHorizon = days(400);
// So many slots are looked at one by one; a rule with more repeats itself within the day.
constexpr std::size_t kFew = 3000;
constexpr std::int64_t kDay = 24 * 60;

std::uint64_t ceil_of(Millis length, Millis unit) {
  return static_cast<std::uint64_t>((length + unit - Millis(1)) / unit);
}

std::uint64_t most_within(const std::vector<Time>& slots, Millis length) {
  std::size_t first = 0;
  std::size_t most = 0;
  for (std::size_t last = 0; last < slots.size(); ++last) {
    while (slots[last] - slots[first] >= length) ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

std::vector<std::uint32_t> pattern_of(const calendar::CronExpression& cron) {
  std::vector<std::uint32_t> before(2 * kDay + 1, 0);
  for (std::size_t minute = 0; minute < 2 * kDay; ++minute) {
    bool due = cron.hours.test(minute / 60 % 24) && cron.minutes.test(minute % 60);
    before[minute + 1] = before[minute] + (due ? 1 : 0);
  }
  return before;
}

}  // namespace

Slots::Slots(const calendar::ScheduleRule& rule, Time now) {
  if (const auto* every = std::get_if<calendar::Every>(&rule)) {
    period_ = std::max(every->period, Millis(1));
  } else {
    look_at_cron(std::get<calendar::CronRule>(rule), now);
  }
}

void Slots::look_at_cron(const calendar::CronRule& cron, Time now) {
  const calendar::ScheduleRule rule = cron;
  std::optional<Time> slot = calendar::next_slot(rule, now - days(2));
  // Sparse in a week does not mean sparse in a year, but dense in a year is seen at once.
  while (slot && *slot < now + kHorizon && seen_.size() < kFew) {
    seen_.push_back(*slot);
    slot = calendar::next_slot(rule, *slot);
  }
  complete_ = !slot || *slot >= now + kHorizon;
  if (complete_) return;
  seen_.clear();
  by_minute_ = pattern_of(cron.expression);
  // Where a clock is set forward, slots on both sides of the hour that is left out come closer together. What
  // names no hour has its slots at even distances all the same, but on the one island whose clocks move by
  // half an hour.
  const bool half = cron.zone == "Australia/Lord_Howe" || cron.zone == "Australia/LHI";
  if (cron.zone != "UTC" && !cron.expression.hours.all()) slack_ = hours(1);
  if (half && cron.expression.hours.all()) slack_ = minutes(30);
}

std::uint64_t Slots::most_by_pattern(Millis length) const {
  const auto wanted = static_cast<std::int64_t>(ceil_of(length + slack_, minutes(1)));
  const std::uint64_t whole = static_cast<std::uint64_t>(wanted / kDay) * by_minute_[kDay];
  const auto rest = static_cast<std::size_t>(wanted % kDay);
  std::uint32_t most = 0;
  for (std::size_t from = 0; from < kDay; ++from)
    most = std::max(most, by_minute_[from + rest] - by_minute_[from]);
  return std::min(whole + most, ceil_of(length, minutes(1)));
}

std::uint64_t Slots::most_in(Millis length) const {
  if (length <= Millis(0)) return 0;
  if (period_ > Millis(0)) return ceil_of(length, period_);
  return complete_ ? most_within(seen_, length) : most_by_pattern(length);
}

}  // namespace pollux::plan
