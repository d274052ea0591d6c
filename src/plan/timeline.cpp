// SPDX-License-Identifier: Apache-2.0
#include "plan/timeline.hpp"

#include <algorithm>
#include <numeric>

#include "calendar/local_span.hpp"

namespace pollux::plan {

using std::chrono::seconds;

Timeline::Timeline(Time from, std::chrono::days length)
    : from_(from), in_second_(static_cast<std::size_t>(seconds(length).count()), 0) {}

void Timeline::add(const calendar::ScheduleRule& rule, std::uint64_t requests) {
  const auto* every = std::get_if<calendar::Every>(&rule);
  const Time last = end();
  std::optional<Time> slot = calendar::next_slot(rule, from_ - Millis(1));
  while (slot && *slot < last) {
    const Millis into = *slot - from_;
    in_second_[static_cast<std::size_t>(into / seconds(1))] += requests;
    whole_seconds_ = whole_seconds_ && into % seconds(1) == Millis(0);
    slot = every != nullptr ? *slot + std::max(every->period, Millis(1)) : calendar::next_slot(rule, *slot);
  }
}

void Timeline::add_tokens(std::uint64_t tokens, Millis renewed_after) {
  const auto apart = static_cast<std::size_t>(std::max<std::int64_t>(1, renewed_after / seconds(1)));
  std::size_t due = 0;
  for (std::size_t at = 0; at < in_second_.size(); ++at) {
    if (in_second_[at] == 0 || at < due) continue;
    in_second_[at] += tokens;
    due = at + apart;
  }
}

void Timeline::close() {
  in_minute_.assign(in_second_.size() / 60, 0);
  auto second = in_second_.begin();
  for (std::uint64_t& minute : in_minute_) {
    minute = std::accumulate(second, second + 60, std::uint64_t{0});
    second += 60;
  }
}

std::uint64_t Timeline::busiest_hour() const {
  std::uint64_t most = 0;
  for (auto minute = in_minute_.begin(); minute != in_minute_.end(); minute += 60)
    most = std::max(most, std::accumulate(minute, minute + 60, std::uint64_t{0}));
  return most;
}

// Days begin on a whole minute everywhere since 1972.
std::uint64_t Timeline::busiest_day(const std::string& zone) const {
  std::uint64_t most = 0;
  std::uint64_t sum = 0;
  Time next = from_;
  for (std::size_t at = 0; at < in_minute_.size(); ++at) {
    const Time now = from_ + std::chrono::minutes(at);
    if (now >= next) {
      next = calendar::local_day(now, zone).end;
      sum = 0;
    }
    sum += in_minute_[at];
    most = std::max(most, sum);
  }
  return most;
}

std::uint64_t Timeline::busiest(config::Limit::Per per, const std::string& zone) const {
  switch (per) {
    case config::Limit::Per::kSecond:
      return in_second_.empty() ? 0 : *std::ranges::max_element(in_second_);
    case config::Limit::Per::kMinute:
      return in_minute_.empty() ? 0 : *std::ranges::max_element(in_minute_);
    case config::Limit::Per::kHour:
      return busiest_hour();
    case config::Limit::Per::kDay:
      return busiest_day(zone);
    case config::Limit::Per::kMonth:
      break;
  }
  return 0;
}

std::uint64_t Timeline::busiest_any(Millis length) const {
  // Slots between two seconds are counted at the earlier one: one second more holds them all.
  const auto wide = static_cast<std::size_t>(length / seconds(1)) + (whole_seconds_ ? 0 : 1);
  std::uint64_t sum = 0;
  std::uint64_t most = 0;
  for (std::size_t at = 0; at < in_second_.size(); ++at) {
    sum += in_second_[at];
    if (at >= wide) sum -= in_second_[at - wide];
    most = std::max(most, sum);
  }
  return most;
}

}  // namespace pollux::plan
