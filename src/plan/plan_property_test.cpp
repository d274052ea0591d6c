// SPDX-License-Identifier: Apache-2.0
// Random files, lived through with random faults: no limit is ever passed, and what plan says of the worst is
// never exceeded. Counts for itself, knowing nothing of the limits' code.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "calendar/local_span.hpp"
#include "plan/fate.hpp"
#include "plan/plan.hpp"
#include "plan/simulate.hpp"
#include "poll/fetch/pace/limit_window.hpp"

namespace pollux::plan {
namespace {

using namespace std::chrono;
using config::Limit;

#ifdef POLLUX_SANITIZED
constexpr std::uint64_t kConfigurations = 60;
#else
constexpr std::uint64_t kConfigurations = 1000;
#endif

template <class T>
const T& one_of(Dice& dice, const std::vector<T>& choices) {
  return choices[static_cast<std::size_t>(dice.between(0, static_cast<double>(choices.size())))];
}

std::size_t number(Dice& dice, std::size_t from, std::size_t to) {
  return static_cast<std::size_t>(dice.between(static_cast<double>(from), static_cast<double>(to + 1)));
}

const std::vector<std::string> kZones{"UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"};

Limit random_limit(Dice& dice) {
  using Per = Limit::Per;
  const Per per =
      one_of(dice, std::vector{Per::kSecond, Per::kMinute, Per::kMinute, Per::kHour, Per::kDay, Per::kMonth});
  const std::size_t most = per == Per::kSecond   ? 5
                           : per == Per::kMinute ? 40
                           : per == Per::kHour   ? 300
                                                 : 2000;
  const bool sliding = dice() < 0.4;
  const bool zoned = !sliding && (per == Per::kDay || per == Per::kMonth);
  return {number(dice, 1, most), per, sliding, zoned ? one_of(dice, kZones) : "UTC"};
}

config::Upstream random_upstream(Dice& dice, const std::string& name) {
  config::Upstream out;
  out.name = name;
  out.concurrency = number(dice, 1, 6);
  out.timeouts.total = seconds(number(dice, 1, 30));
  out.retry = {number(dice, 1, 6), Millis(number(dice, 1, 2000)), seconds(number(dice, 2, 60))};
  out.breaker = {number(dice, 0, 6), seconds(number(dice, 1, 20)), seconds(number(dice, 20, 300))};
  if (dice() < 0.5) out.auth = config::OAuth2Auth{};
  if (dice() < 0.1)
    out.auth = config::GoogleAuth{std::vector<config::GoogleAuth::Account>(number(dice, 1, 3)), "", "", ""};
  const std::size_t limits = number(dice, 0, 3);
  for (std::size_t i = 0; i < limits; ++i) out.limits.push_back(random_limit(dice));
  return out;
}

calendar::ScheduleRule random_rule(Dice& dice) {
  if (dice() < 0.3) {
    static const std::vector<std::string> kTexts{"* * * * *",      "*/5 * * * *", "*/20 1-4 * * *",
                                                 "30 1,2,3 * * *", "0 */2 * * *", "7 3 * * SUN",
                                                 "0-9 * * * *",    "59 23 * * *"};
    return calendar::CronRule{*calendar::parse_cron(one_of(dice, kTexts)), one_of(dice, kZones)};
  }
  const Millis period =
      one_of(dice, std::vector<Millis>{seconds(7), seconds(30), minutes(1), minutes(1), minutes(7),
                                       minutes(45), hours(1), hours(5), Millis(1500), days(1)});
  return calendar::Every{period, Millis(number(dice, 0, static_cast<std::size_t>(period.count()) - 1))};
}

config::Poll random_poll(Dice& dice, const std::string& name) {
  config::Poll out;
  out.name = name;
  out.schedule = random_rule(dice);
  if (dice() < 0.3) out.jitter = calendar::usual_period(out.schedule, Time{}) / 2;
  const std::size_t steps = number(dice, 1, 4);
  const bool simple = dice() < 0.5;  // all its steps can be asked conditionally
  for (std::size_t i = 0; i < steps; ++i) {
    config::Step& step = out.steps.emplace_back();
    step.name = "s" + std::to_string(i);
    step.upstream = dice() < 0.7 ? "a" : "b";
    if (!simple && dice() < 0.2) step.method = config::Method::kPost;
    step.safe = dice() < 0.5;
    if (!simple && dice() < 0.3) step.pages.emplace().max_pages = number(dice, 1, 12);
    if (!simple && i > 0 && dice() < 0.4) step.after.push_back(number(dice, 0, i - 1));
  }
  return out;
}

config::File random_file(Dice& dice) {
  config::File file;
  for (const char* name : {"a", "b"}) file.upstreams[name] = random_upstream(dice, name);
  const std::size_t polls = number(dice, 1, 6);
  for (std::size_t i = 0; i < polls; ++i) {
    const std::string name = "p" + std::to_string(i);
    file.polls[name] = random_poll(dice, name);
  }
  return file;
}

// The most moments in any stretch of this length, whatever it begins with.
std::uint64_t most_in_any(std::vector<Time> times, Millis length) {
  std::ranges::sort(times);
  std::size_t first = 0;
  std::size_t most = 0;
  for (std::size_t last = 0; last < times.size(); ++last) {
    while (times[last] - times[first] >= length) ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

std::uint64_t most_in_fixed(const std::vector<Time>& times, const Limit& limit) {
  std::map<Time, std::uint64_t> windows;
  for (Time time : times) {
    if (limit.per == Limit::Per::kDay) {
      ++windows[calendar::local_day(time, limit.zone).begin];
    } else if (limit.per == Limit::Per::kMonth) {
      ++windows[calendar::local_month(time, limit.zone).begin];
    } else {
      const auto length = fetch::sliding_length(limit.per).count();
      ++windows[Time(Millis(time.time_since_epoch().count() / length * length))];
    }
  }
  std::uint64_t most = 0;
  for (const auto& [begin, count] : windows) most = std::max(most, count);
  return most;
}

std::uint64_t most_in(const std::vector<Time>& times, const Limit& limit) {
  return limit.sliding ? most_in_any(times, fetch::sliding_length(limit.per)) : most_in_fixed(times, limit);
}

struct Arrivals {
  std::vector<Time> sent;
  std::vector<Time> counted;
};

std::uint64_t g_requests = 0;
std::uint64_t g_full = 0;  // limits that were used up to the last request
std::uint64_t g_refused = 0;

void check_upstream(const UpstreamPlan& planned, const SimulatedUpstream& simulated, const Arrivals& seen) {
  g_requests += seen.sent.size();
  g_refused += simulated.refused;
  for (std::size_t i = 0; i < planned.limits.size(); ++i) {
    const Limit& limit = planned.limits[i].limit;
    const std::uint64_t counted = most_in(seen.counted, limit);
    EXPECT_LE(counted, limit.requests) << planned.name << " passed " << fetch::limit_text(limit);
    EXPECT_LE(most_in(seen.sent, limit), planned.limits[i].use.worst)
        << planned.name << ": more than the worst by " << fetch::limit_text(limit);
    g_full += counted == limit.requests ? 1 : 0;
  }
  EXPECT_LE(most_in_any(seen.sent, days(1)), planned.day.worst) << planned.name;
  EXPECT_LE(most_in_any(seen.sent, hours(1)), planned.hour.worst) << planned.name;
  EXPECT_LE(most_in_any(seen.sent, minutes(1)), planned.minute.worst) << planned.name;
}

void live_through(std::uint64_t seed) {
  Dice dice(seed);
  const config::File file = random_file(dice);
  SimulationOptions options;
  options.length = one_of(dice, std::vector<Millis>{minutes(20), minutes(20), hours(1), hours(3), hours(27)});
  options.faults = one_of(dice, std::vector{0.0, 0.05, 0.3, 0.9, 1.0});
  options.spite = dice() < 0.3;
  options.not_modified = one_of(dice, std::vector{0.0, 0.5, 0.9});
  options.latency = Millis(number(dice, 0, 4000));
  options.seed = seed + 1;
  options.assumed.pages = 100;
  // Nights in which clocks are changed are among the days.
  const Time from =
      Time(sys_days(2026y / 3 / 7)) + hours(number(dice, 0, 24 * 35)) + Millis(number(dice, 0, 3600'000));
  std::map<std::string, Arrivals> seen;
  options.seen = [&](const std::string& upstream, Time sent, Time counted) {
    seen[upstream].sent.push_back(sent);
    seen[upstream].counted.push_back(counted);
  };
  const Plan plan = make_plan(file, from, options.assumed);
  const Simulation simulated = simulate(file, from, options);
  ASSERT_EQ(plan.upstreams.size(), simulated.upstreams.size());
  for (std::size_t i = 0; i < plan.upstreams.size(); ++i)
    check_upstream(plan.upstreams[i], simulated.upstreams[i], seen[plan.upstreams[i].name]);
}

TEST(PlanProperty, no_limit_is_passed_and_no_bound_exceeded_in_a_thousand_random_configurations) {
  for (std::uint64_t seed = 1; seed <= kConfigurations && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    live_through(seed);
  }
  // That the test could have failed: limits were reached, and requests turned away.
  EXPECT_GT(g_requests, kConfigurations * 100);
  EXPECT_GT(g_full, kConfigurations / 2);
  EXPECT_GT(g_refused, kConfigurations);
  RecordProperty("requests", std::to_string(g_requests));
  RecordProperty("limits_used_up", std::to_string(g_full));
}

}  // namespace
}  // namespace pollux::plan
