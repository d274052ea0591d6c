// SPDX-License-Identifier: Apache-2.0
#include "plan/window_count.hpp"

#include <algorithm>

#include "calendar/local_span.hpp"
#include "poll/fetch/pace/limit_window.hpp"

namespace pollux::plan {
namespace {

Time end_of_window(const config::Limit& limit, Time at) {
  if (limit.per == config::Limit::Per::kDay) return calendar::local_day(at, limit.zone).end;
  if (limit.per == config::Limit::Per::kMonth) return calendar::local_month(at, limit.zone).end;
  const std::int64_t length = fetch::sliding_length(limit.per).count();
  return Time(Millis((at.time_since_epoch().count() / length + 1) * length));
}

}  // namespace

void WindowCount::add(Time at) {
  if (limit_.sliding) {
    recent_.push_back(at);
    while (recent_.front() <= at - fetch::sliding_length(limit_.per)) recent_.pop_front();
    most_ = std::max<std::uint64_t>(most_, recent_.size());
    return;
  }
  if (at >= end_) {
    end_ = end_of_window(limit_, at);
    count_ = 0;
  }
  most_ = std::max(most_, ++count_);
}

}  // namespace pollux::plan
