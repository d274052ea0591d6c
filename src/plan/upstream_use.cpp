// SPDX-License-Identifier: Apache-2.0
#include "plan/upstream_use.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "calendar/local_span.hpp"
#include "poll/fetch/pace/limit_window.hpp"

namespace pollux::plan {
namespace {

using std::chrono::days;
using Per = config::Limit::Per;

constexpr Millis kMonth = days(31);
// All minutes of the longest month: a rule with more slots than this in a year shows its busiest month in the
// first.
constexpr std::size_t kManySlots = 31 * 24 * 60;
// Days beyond the next week on which a rare poll runs; each is looked at with everything else that runs then.
constexpr std::size_t kFarDays = 31;

Time day_of(Time time) { return std::chrono::floor<days>(time); }

// How long a window of the wall clock can be.
Millis longest(const config::Limit& limit) {
  if (limit.sliding) return fetch::sliding_length(limit.per);
  // Days and months in which a clock is set back have an hour more.
  const Millis extra = limit.zone == "UTC" ? Millis(0) : Millis(std::chrono::hours(1));
  if (limit.per == Per::kDay) return days(1) + extra;
  if (limit.per == Per::kMonth) return kMonth + extra;
  return fetch::sliding_length(limit.per);
}

// The slots of a cron rule in its busiest month of the next year.
std::uint64_t slots_in_month(const calendar::ScheduleRule& rule, Time now, const config::Limit& limit) {
  const Time first = calendar::local_month(now, limit.zone).begin;
  std::vector<Time> slots;
  for (auto slot = calendar::next_slot(rule, first - Millis(1));
       slot && *slot < first + days(400) && slots.size() < kManySlots;
       slot = calendar::next_slot(rule, *slot)) {
    slots.push_back(*slot);
  }
  std::size_t begin = 0;
  std::size_t most = 0;
  for (std::size_t at = 0; at < slots.size(); ++at) {
    const Time from =
        limit.sliding ? slots[at] - kMonth + Millis(1) : calendar::local_month(slots[at], limit.zone).begin;
    while (slots[begin] < from) ++begin;
    most = std::max(most, at - begin + 1);
  }
  return most;
}

}  // namespace

UpstreamUse::UpstreamUse(const config::Upstream& upstream, Time now, const Assumptions& assumed)
    : upstream_(upstream), now_(now), assumed_(assumed), tokens_(tokens_of(upstream, assumed)) {}

std::string UpstreamUse::key_of(const calendar::ScheduleRule& rule) {
  if (const auto* every = std::get_if<calendar::Every>(&rule))
    return fmt::format("{}+{}", every->period.count(), every->offset.count());
  const auto& cron = std::get<calendar::CronRule>(rule);
  return cron.expression.text + '\n' + cron.zone;
}

void UpstreamUse::add(const config::Poll& poll) {
  const RunDemand demand = demand_of(poll, upstream_, assumed_);
  if (demand.steps == 0) return;
  auto found = groups_.find(key_of(poll.schedule));
  if (found == groups_.end()) {
    found =
        groups_.emplace(key_of(poll.schedule), Group{poll.schedule, Slots(poll.schedule, now_), 0, {}}).first;
  }
  Group& group = found->second;
  std::uint64_t worst = demand.worst;
  // Each send may find its token refused and ask for another, and each step may end for want of one.
  if (tokens()) worst += (demand.sends * tokens_.resends + demand.steps) * tokens_.attempts;
  group.usual += demand.usual;
  group.worst[poll.jitter] += worst;
  paged_ = paged_ || demand.paged;
  polls_.push_back({&poll, &group, demand.usual});
}

bool UpstreamUse::repeats_daily() const {
  return std::ranges::all_of(groups_, [](const auto& entry) {
    const auto* every = std::get_if<calendar::Every>(&entry.second.rule);
    return every != nullptr && Millis(days(1)) % std::max(every->period, Millis(1)) == Millis(0);
  });
}

// The days beyond the next week on which something runs for the first time.
std::vector<Time> UpstreamUse::far_days() const {
  std::set<Time> far;
  for (const auto& [key, group] : groups_) {
    auto slot = calendar::next_slot(group.rule, now_);
    if (slot && *slot >= day_of(now_) + days(8)) far.insert(day_of(*slot));
    if (far.size() >= kFarDays) break;
  }
  return {far.begin(), far.end()};
}

void UpstreamUse::finish() {
  timelines_.emplace_back(day_of(now_), days(repeats_daily() ? 2 : 8));
  for (Time day : far_days()) timelines_.emplace_back(day - days(1), days(3));
  for (Timeline& timeline : timelines_) {
    for (const auto& [key, group] : groups_) timeline.add(group.rule, group.usual);
    if (tokens()) timeline.add_tokens(tokens_.kept, tokens_.renewed_after);
    timeline.close();
  }
}

// The most that polls of one period ask in a stretch of this length: whole periods have each poll's slot
// once.
std::uint64_t UpstreamUse::most_of(Millis period, const Offsets& offsets, Millis length) {
  std::uint64_t all = 0;
  for (const auto& [offset, requests] : offsets) all += requests;
  const Millis rest = length % period;
  std::uint64_t most = 0;
  std::uint64_t sum = 0;
  std::size_t first = 0;
  for (std::size_t last = 0; last < 2 * offsets.size(); ++last) {
    auto at = [&](std::size_t i) {
      return offsets[i % offsets.size()].first + (i < offsets.size() ? Millis(0) : period);
    };
    sum += offsets[last % offsets.size()].second;
    for (; first <= last && at(last) - at(first) >= rest; ++first)
      sum -= offsets[first % offsets.size()].second;
    most = std::max(most, sum);
  }
  return static_cast<std::uint64_t>(length / period) * all + most;
}

std::uint64_t UpstreamUse::worst_in(Millis length) const {
  std::uint64_t sum = 0;
  std::map<std::pair<Millis, Millis>, Offsets> periods;  // by period and jitter
  for (const auto& [key, group] : groups_) {
    const auto* every = std::get_if<calendar::Every>(&group.rule);
    for (const auto& [jitter, requests] : group.worst) {
      // Runs of one poll never overlap: but for those that begin in the window there is at most one, from
      // before.
      sum += requests;
      if (every == nullptr) {
        sum += group.slots.most_in(length + jitter) * requests;
      } else {
        const Millis period = std::max(every->period, Millis(1));
        periods[{period, jitter}].emplace_back(every->offset % period, requests);
      }
    }
  }
  for (auto& [kind, offsets] : periods) {
    std::ranges::sort(offsets);
    sum += most_of(kind.first, offsets, length + kind.second);
  }
  if (!tokens()) return sum;
  const auto renewals = static_cast<std::uint64_t>(length / std::max(tokens_.renewed_after, Millis(1))) + 2;
  return sum + tokens_.kept * renewals * tokens_.asks_a_life * tokens_.attempts;
}

std::uint64_t UpstreamUse::usual_in_month(const config::Limit& limit) const {
  std::uint64_t requests = 0;
  std::uint64_t slots_of_all = 0;
  for (const auto& [key, group] : groups_) {
    const bool every = std::holds_alternative<calendar::Every>(group.rule);
    const std::uint64_t slots = every ? group.slots.most_in(kMonth) : slots_in_month(group.rule, now_, limit);
    requests += slots * group.usual;
    slots_of_all += slots;
  }
  if (!tokens()) return requests;
  const auto renewals = static_cast<std::uint64_t>(kMonth / std::max(tokens_.renewed_after, Millis(1))) + 1;
  return requests + tokens_.kept * std::min(renewals, slots_of_all);
}

Use UpstreamUse::use(const config::Limit& limit) const {
  Use out{0, worst_in(longest(limit))};
  if (limit.per == Per::kMonth) {
    out.usual = usual_in_month(limit);
  } else {
    for (const Timeline& timeline : timelines_) {
      const std::uint64_t here = limit.sliding ? timeline.busiest_any(fetch::sliding_length(limit.per))
                                               : timeline.busiest(limit.per, limit.zone);
      out.usual = std::max(out.usual, here);
    }
  }
  out.worst = std::max(out.worst, out.usual);
  return out;
}

std::vector<PollUse> UpstreamUse::most(std::size_t count) const {
  std::vector<PollUse> all;
  std::map<const Group*, std::uint64_t> slots;
  for (const auto& [key, group] : groups_) slots[&group] = group.slots.most_in(days(1));
  for (const Asking& asking : polls_)
    all.push_back({asking.poll->name, asking.usual * slots[asking.group], asking.usual});
  const auto sorted = all.begin() + static_cast<std::ptrdiff_t>(std::min(count, all.size()));
  std::ranges::partial_sort(all, sorted, [](const PollUse& a, const PollUse& b) {
    return a.a_day != b.a_day ? a.a_day > b.a_day : a.poll < b.poll;
  });
  all.erase(sorted, all.end());
  return all;
}

}  // namespace pollux::plan
