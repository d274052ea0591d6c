// SPDX-License-Identifier: Apache-2.0
#include "plan/advice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/units.hpp"
#include "poll/fetch/pace/limit_window.hpp"

namespace pollux::plan {
namespace {

using std::chrono::days;

config::Limit raised(config::Limit limit, std::uint64_t requests) {
  limit.requests = requests;
  return limit;
}

// "`every: 1m` of wait-times becomes `every: 2m`", of the poll that asks most.
std::string longer_period(const UpstreamPlan& upstream, const config::File& file, double times) {
  if (upstream.most.empty()) return "";
  const config::Poll& poll = file.polls.at(upstream.most.front().poll);
  const auto* every = std::get_if<calendar::Every>(&poll.schedule);
  if (every == nullptr) return "";
  const Millis needed(
      static_cast<std::int64_t>(std::ceil(static_cast<double>(every->period.count()) * times)));
  return fmt::format(", so that `every: {}` of {} becomes `every: {}`", format_duration(every->period),
                     poll.name, format_duration(round_period(needed)));
}

std::string advice_for(const UpstreamPlan& upstream, const LimitUse& over, const config::File& file) {
  const std::string text = fetch::limit_text(over.limit);
  const std::string enough = fetch::limit_text(raised(over.limit, over.use.usual));
  const std::uint64_t token = upstream.tokens ? 1 : 0;
  for (const PollUse& poll : upstream.most) {
    if (poll.a_run + token <= over.limit.requests) continue;
    return fmt::format("{}: one run of {} alone asks {} times: give it fewer steps, or have a limit of {}",
                       text, poll.poll, poll.a_run + token, enough);
  }
  const Millis length = fetch::sliding_length(over.limit.per);
  const auto average = static_cast<std::uint64_t>(
      static_cast<double>(upstream.day.usual) *
      (static_cast<double>(length.count()) / static_cast<double>(Millis(days(1)).count())));
  if (length < days(1) && average < over.limit.requests) {
    return fmt::format(
        "{}: it is the polls that are due together; {} are asked for on average, which fits: give them other "
        "times (`every` spreads polls, `cron` does not), or have a limit of {}",
        text, average, enough);
  }
  const double times = static_cast<double>(over.use.usual) /
                       static_cast<double>(std::max<std::uint64_t>(1, over.limit.requests));
  return fmt::format("{}: all polls would have to run {:.1f} times as rarely{}, or the limit be {}", text,
                     std::ceil(times * 10) / 10, longer_period(upstream, file, times), enough);
}

}  // namespace

Millis round_period(Millis period) {
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  static constexpr Millis kWritten[] = {seconds(1),  seconds(2),  seconds(5),  seconds(10), seconds(15),
                                        seconds(20), seconds(30), minutes(1),  minutes(2),  minutes(3),
                                        minutes(5),  minutes(10), minutes(15), minutes(20), minutes(30),
                                        hours(1),    hours(2),    hours(3),    hours(4),    hours(6),
                                        hours(8),    hours(12),   days(1),     days(2),     days(7)};
  const auto* found = std::ranges::lower_bound(kWritten, period);
  if (found != std::end(kWritten)) return *found;
  return std::chrono::ceil<days>(period);
}

std::vector<std::string> advise(const UpstreamPlan& upstream, const config::File& file) {
  std::vector<std::string> out;
  for (const LimitUse& limit : upstream.limits) {
    if (limit.verdict == Verdict::kOver) out.push_back(advice_for(upstream, limit, file));
  }
  return out;
}

}  // namespace pollux::plan
