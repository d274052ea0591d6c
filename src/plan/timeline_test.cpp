// SPDX-License-Identifier: Apache-2.0
#include "plan/timeline.hpp"

#include <gtest/gtest.h>

#include "plan/window_count.hpp"

namespace pollux::plan {
namespace {

using namespace std::chrono;
using Per = config::Limit::Per;

const Time kDay = Time(sys_days(2026y / 1 / 5));

calendar::ScheduleRule every(Millis period, Millis offset = Millis(0)) {
  return calendar::Every{period, offset};
}

TEST(Timeline, adds_up_what_falls_into_the_same_window) {
  Timeline time(kDay, days(2));
  time.add(every(minutes(1)), 4);
  time.add(every(hours(1), minutes(30)), 100);
  time.close();
  EXPECT_EQ(time.busiest(Per::kMinute, "UTC"), 104U);
  EXPECT_EQ(time.busiest(Per::kHour, "UTC"), 340U);
  EXPECT_EQ(time.busiest(Per::kDay, "UTC"), 24U * 340U);
}

TEST(Timeline, keeps_apart_what_is_never_asked_together) {
  Timeline time(kDay, days(2));
  time.add(calendar::CronRule{*calendar::parse_cron("0 3 * * *"), "UTC"}, 100);
  time.add(calendar::CronRule{*calendar::parse_cron("0 15 * * *"), "UTC"}, 100);
  time.close();
  EXPECT_EQ(time.busiest(Per::kHour, "UTC"), 100U);
  EXPECT_EQ(time.busiest(Per::kDay, "UTC"), 200U);
}

// Two slots 20 s apart, on both sides of a full minute.
TEST(Timeline, sees_more_in_a_sliding_window_than_in_one_of_the_clock) {
  Timeline time(kDay, days(2));
  time.add(every(hours(1), seconds(50)), 1);
  time.add(every(hours(1), seconds(70)), 1);
  time.close();
  EXPECT_EQ(time.busiest(Per::kMinute, "UTC"), 1U);
  EXPECT_EQ(time.busiest_any(minutes(1)), 2U);
  EXPECT_EQ(time.busiest_any(seconds(20)), 1U);
}

TEST(Timeline, counts_days_as_their_zone_has_them) {
  Timeline time(kDay, days(3));
  // 01:00 and 23:00 UTC: the same day in London, 20:00 the day before and 18:00 in New York.
  time.add(calendar::CronRule{*calendar::parse_cron("0 1,23 * * *"), "UTC"}, 10);
  time.add(calendar::CronRule{*calendar::parse_cron("0 1 6 * *"), "UTC"}, 5);
  time.close();
  EXPECT_EQ(time.busiest(Per::kDay, "UTC"), 25U);
  EXPECT_EQ(time.busiest(Per::kDay, "America/New_York"), 25U);
}

TEST(Timeline, asks_for_a_token_only_where_there_is_a_request) {
  Timeline busy(kDay, days(2));
  busy.add(every(minutes(1)), 4);
  busy.add_tokens(1, minutes(59));
  busy.close();
  EXPECT_EQ(busy.busiest(Per::kMinute, "UTC"), 5U);
  EXPECT_EQ(busy.busiest(Per::kHour, "UTC"), 242U) << "at minute 0 and at minute 59";
  EXPECT_EQ(busy.busiest(Per::kDay, "UTC"), 1440U * 4 + 25);
  Timeline rare(kDay, days(2));
  rare.add(every(hours(6)), 1);
  rare.add_tokens(1, minutes(59));
  rare.close();
  EXPECT_EQ(rare.busiest(Per::kDay, "UTC"), 8U);
}

TEST(WindowCount, begins_anew_with_the_window_of_the_clock) {
  WindowCount count({0, Per::kMinute, false, "UTC"});
  for (int second : {0, 30, 59, 60, 61}) count.add(kDay + seconds(second));
  EXPECT_EQ(count.most(), 3U);
}

TEST(WindowCount, slides) {
  WindowCount count({0, Per::kMinute, true, "UTC"});
  for (int second : {0, 30, 59, 60, 61}) count.add(kDay + seconds(second));
  EXPECT_EQ(count.most(), 4U);
}

TEST(WindowCount, takes_the_day_of_the_limits_zone) {
  WindowCount count({0, Per::kDay, false, "America/New_York"});
  for (int hour : {3, 4, 6, 23, 28}) count.add(kDay + hours(hour));  // midnight there is 05:00 UTC
  EXPECT_EQ(count.most(), 3U);
}

}  // namespace
}  // namespace pollux::plan
