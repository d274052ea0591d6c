// SPDX-License-Identifier: Apache-2.0
#include "plan/slots.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pollux::plan {
namespace {

using namespace std::chrono;

const Time kNow = Time(sys_days(2026y / 3 / 1));

Slots cron(const std::string& text, const std::string& zone = "UTC") {
  return Slots(calendar::CronRule{*calendar::parse_cron(text), zone}, kNow);
}
Slots every(Millis period) { return Slots(calendar::Every{period, Millis(0)}, kNow); }

TEST(Slots, of_a_period_are_as_many_as_fit_when_the_first_comes_at_once) {
  EXPECT_EQ(every(minutes(1)).most_in(hours(1)), 60U);
  EXPECT_EQ(every(minutes(7)).most_in(hours(1)), 9U);
  EXPECT_EQ(every(hours(1)).most_in(minutes(1)), 1U);
  EXPECT_EQ(every(hours(1)).most_in(Millis(0)), 0U);
  EXPECT_EQ(every(Millis(1500)).most_in(seconds(1)), 1U);
}

TEST(Slots, of_an_expression_count_where_they_stand_closest) {
  EXPECT_EQ(cron("0,1,2,30 * * * *").most_in(minutes(3)), 3U);
  EXPECT_EQ(cron("0,1,2,30 * * * *").most_in(minutes(2)), 2U);
  EXPECT_EQ(cron("*/5 8-20 * * *").most_in(hours(1)), 12U);
  EXPECT_EQ(cron("*/5 8-20 * * *").most_in(days(1)), 13U * 12U);
  EXPECT_EQ(cron("59 23 * * *").most_in(days(1)), 1U);
  EXPECT_EQ(cron("50-59 23 * * *").most_in(minutes(5)), 5U);
}

TEST(Slots, see_the_days_on_which_a_rare_expression_runs) {
  EXPECT_EQ(cron("0 3 1 * *").most_in(days(28)), 1U);
  EXPECT_EQ(cron("0 3 1 * *").most_in(days(31)), 2U) << "February and March";
  EXPECT_EQ(cron("0 3 * * MON").most_in(days(31)), 5U);
  EXPECT_EQ(cron("0 0 30 2 *").most_in(days(31)), 0U);
}

// 2026-03-08 in New York: 01:30 and 03:30 are an hour apart.
TEST(Slots, come_closer_together_where_a_clock_is_set_forward) {
  EXPECT_EQ(cron("30 1,3 * * *").most_in(hours(2)), 1U);
  EXPECT_EQ(cron("30 1,3 * * *", "America/New_York").most_in(hours(2)), 2U);
}

// The same against every slot that there is, nights of clock changes included.
TEST(Slots, are_never_fewer_than_the_calendar_has) {
  for (const char* text :
       {"*/5 1-4 * * *", "*/5 * * * *", "* 2 * * *", "0-9 * * * *", "*/7 0-3,22-23 * * SUN"}) {
    for (const char* zone : {"UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"}) {
      const calendar::ScheduleRule rule = calendar::CronRule{*calendar::parse_cron(text), zone};
      const Slots slots(rule, kNow);
      for (Time from :
           {Time(sys_days(2026y / 3 / 6)), Time(sys_days(2026y / 4 / 3)), Time(sys_days(2026y / 10 / 30))}) {
        std::vector<Time> all;
        for (auto slot = calendar::next_slot(rule, from); *slot < from + days(4);
             slot = calendar::next_slot(rule, *slot))
          all.push_back(*slot);
        for (Millis length : {Millis(minutes(1)), Millis(minutes(10)), Millis(hours(1)), Millis(days(1))}) {
          std::ptrdiff_t most = 0;
          for (auto first = all.begin(); first != all.end(); ++first)
            most = std::max(most, std::ranges::lower_bound(first, all.end(), *first + length) - first);
          EXPECT_GE(slots.most_in(length), static_cast<std::uint64_t>(most)) << text << ' ' << zone;
        }
      }
    }
  }
}

}  // namespace
}  // namespace pollux::plan
