// SPDX-License-Identifier: Apache-2.0
#include "calendar/schedule_rule.hpp"

#include <date/tz.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/units.hpp"

namespace pollux::calendar {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Time at(std::string_view text) { return parse_time(text).value(); }

ScheduleRule cron(std::string_view text, std::string zone = "UTC") {
  return CronRule{parse_cron(text).value(), std::move(zone)};
}

std::vector<std::string> slots(const ScheduleRule& rule, std::string_view from, std::string_view to) {
  std::vector<std::string> out;
  for (auto t = next_slot(rule, at(from)); t && *t < at(to); t = next_slot(rule, *t))
    out.push_back(format_time(*t));
  return out;
}

using Texts = std::vector<std::string>;

TEST(Every, runs_at_multiples_of_the_period_since_the_epoch_plus_the_offset) {
  ScheduleRule rule = Every{minutes(10), minutes(3)};
  EXPECT_EQ(slots(rule, "2026-01-01T00:00:00Z", "2026-01-01T00:30:00Z"),
            (Texts{"2026-01-01T00:03:00Z", "2026-01-01T00:13:00Z", "2026-01-01T00:23:00Z"}));
  EXPECT_EQ(next_slot(rule, at("2026-01-01T00:03:00Z")), at("2026-01-01T00:13:00Z"));
  EXPECT_EQ(next_slot(rule, at("2026-01-01T00:02:59.999Z")), at("2026-01-01T00:03:00Z"));
  EXPECT_EQ(next_slot(rule, at("1969-12-31T23:59:00Z")), at("1970-01-01T00:03:00Z"));
}

TEST(Every, has_its_period_as_usual_period) {
  EXPECT_EQ(usual_period(Every{minutes(7), Millis(0)}, at("2026-01-01")), minutes(7));
}

// The slow and obvious way: look at every minute.
bool matches(const CronExpression& c, const date::local_time<minutes>& local) {
  auto day = date::floor<date::days>(local);
  date::year_month_day ymd{day};
  auto of_day = (local - day).count();
  if (!c.minutes.test(static_cast<std::size_t>(of_day % 60)) ||
      !c.hours.test(static_cast<std::size_t>(of_day / 60)))
    return false;
  if (!c.months.test(static_cast<unsigned>(ymd.month()))) return false;
  bool d = c.days.test(static_cast<unsigned>(ymd.day()));
  bool w = c.weekdays.test(date::weekday{day}.c_encoding());
  return !c.any_day && !c.any_weekday ? d || w : d && w;
}

Texts scanned(std::string_view text, const std::string& zone, std::string_view from, std::string_view to) {
  auto expression = parse_cron(text).value();
  const auto* tz = date::locate_zone(zone);
  Texts out;
  for (auto t = date::floor<minutes>(at(from)) + minutes(1); t < at(to); t += minutes(1)) {
    if (matches(expression, date::floor<minutes>(tz->to_local(t)))) out.push_back(format_time(t));
  }
  return out;
}

TEST(CronRule, agrees_with_a_scan_of_every_minute_where_no_clock_is_changed) {
  for (std::string text : {"* * * * *", "*/5 8-20 * * MON-FRI", "0 0 1 * *", "30 4 1,15 * FRI",
                           "0 0 */10 * MON", "59 23 31 * *", "0 12 29 2 *", "*/7 */5 * JAN,FEB SUN",
                           "@weekly", "0 0 13 * FRI", "15 3 * * 7", "1-59/2 0 28-31 2,3 *"}) {
    for (std::string zone : {"UTC", "Asia/Kathmandu", "Asia/Tokyo"}) {
      EXPECT_EQ(slots(cron(text, zone), "2024-02-20T10:17:00Z", "2024-04-02T00:00:00Z"),
                scanned(text, zone, "2024-02-20T10:17:00Z", "2024-04-02T00:00:00Z"))
          << text << " in " << zone;
    }
  }
}

TEST(CronRule, agrees_with_a_scan_also_across_changes_when_no_hour_is_named) {
  for (std::string text : {"* * * * *", "*/5 * * * *", "10,50 * * * SUN"}) {
    for (std::string zone : {"America/New_York", "Australia/Lord_Howe", "Europe/Berlin"}) {
      for (std::string_view from : {"2026-03-07T00:30:00Z", "2026-03-28T00:30:00Z", "2026-04-04T00:30:00Z",
                                    "2026-10-03T00:30:00Z", "2026-10-24T00:30:00Z", "2026-10-31T00:30:00Z"}) {
        std::string to = format_time(at(from) + hours(48));
        EXPECT_EQ(slots(cron(text, zone), from, to), scanned(text, zone, from, to))
            << text << " in " << zone << from;
      }
    }
  }
}

TEST(CronRule, runs_a_skipped_time_at_the_moment_of_the_shift) {
  // New York: 02:00 EST becomes 03:00 EDT on 8 March 2026, at 07:00 UTC.
  EXPECT_EQ(slots(cron("30 2 * * *", "America/New_York"), "2026-03-07T00:00:00Z", "2026-03-10T00:00:00Z"),
            (Texts{"2026-03-07T07:30:00Z", "2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"}));
  // Several times in the gap, and the shift's own: one run.
  EXPECT_EQ(slots(cron("*/15 2,3 * * *", "America/New_York"), "2026-03-08T06:00:00Z", "2026-03-08T07:20:00Z"),
            (Texts{"2026-03-08T07:00:00Z", "2026-03-08T07:15:00Z"}));
}

TEST(CronRule, runs_a_named_hour_once_when_it_comes_twice) {
  // New York: 02:00 EDT becomes 01:00 EST on 1 November 2026, at 06:00 UTC.
  EXPECT_EQ(slots(cron("30 1 * * *", "America/New_York"), "2026-10-31T00:00:00Z", "2026-11-03T00:00:00Z"),
            (Texts{"2026-10-31T05:30:00Z", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"}));
  // Asked in the middle of the second pass: the next one is tomorrow's.
  EXPECT_EQ(next_slot(cron("30 1 * * *", "America/New_York"), at("2026-11-01T06:10:00Z")),
            at("2026-11-02T06:30:00Z"));
}

TEST(CronRule, goes_on_through_a_repeated_hour_when_no_hour_is_named) {
  EXPECT_EQ(slots(cron("*/30 * * * *", "America/New_York"), "2026-11-01T04:59:00Z", "2026-11-01T08:00:00Z"),
            (Texts{"2026-11-01T05:00:00Z", "2026-11-01T05:30:00Z", "2026-11-01T06:00:00Z",
                   "2026-11-01T06:30:00Z", "2026-11-01T07:00:00Z", "2026-11-01T07:30:00Z"}));
}

TEST(CronRule, knows_the_half_hour_shift_of_lord_howe) {
  // 02:00 +10:30 becomes 02:30 +11 on 4 October 2026, at 15:30 UTC the day before.
  EXPECT_EQ(slots(cron("15 2 * * *", "Australia/Lord_Howe"), "2026-10-03T00:00:00Z", "2026-10-05T00:00:00Z"),
            (Texts{"2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"}));
  // 02:00 +11 becomes 01:30 +10:30 on 5 April 2026, at 15:00 UTC the day before.
  EXPECT_EQ(slots(cron("45 1 * * *", "Australia/Lord_Howe"), "2026-04-04T00:00:00Z", "2026-04-06T00:00:00Z"),
            (Texts{"2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"}));
}

TEST(CronRule, runs_a_day_that_a_country_skipped_at_the_shift) {
  // Samoa had no 30 December 2011.
  EXPECT_EQ(slots(cron("0 12 30 12 *", "Pacific/Apia"), "2011-12-29T00:00:00Z", "2012-01-05T00:00:00Z"),
            (Texts{"2011-12-30T10:00:00Z"}));
}

TEST(CronRule, finds_the_leap_day_and_gives_up_on_days_that_never_come) {
  EXPECT_EQ(next_slot(cron("0 0 29 2 *"), at("2024-02-29T00:00:00Z")), at("2028-02-29T00:00:00Z"));
  EXPECT_EQ(next_slot(cron("0 0 29 2 *"), at("2096-03-01T00:00:00Z")), at("2104-02-29T00:00:00Z"));
  EXPECT_EQ(next_slot(cron("30 2 30 2 *"), at("2024-01-01T00:00:00Z")), std::nullopt);
  EXPECT_EQ(next_slot(cron("* * * * *", "Mars/Olympus"), at("2024-01-01T00:00:00Z")), std::nullopt);
}

TEST(CronRule, has_the_distance_of_the_next_two_slots_as_usual_period) {
  EXPECT_EQ(usual_period(cron("*/5 * * * *"), at("2026-01-01T00:01:00Z")), minutes(5));
  EXPECT_EQ(usual_period(cron("0 0 * * *"), at("2026-01-01T00:01:00Z")), hours(24));
  EXPECT_EQ(usual_period(cron("30 2 30 2 *"), at("2026-01-01")), hours(24));
}

TEST(Zones, are_those_of_tzdata) {
  EXPECT_TRUE(known_zone("America/New_York"));
  EXPECT_TRUE(known_zone("UTC"));
  EXPECT_FALSE(known_zone("America/New York"));
  EXPECT_FALSE(known_zone(""));
}

TEST(LocalDate, is_the_day_in_the_zone) {
  Time evening = at("2026-01-01T02:00:00Z");
  EXPECT_EQ(local_date(evening, "UTC", 0), "2026-01-01");
  EXPECT_EQ(local_date(evening, "America/New_York", 0), "2025-12-31");
  EXPECT_EQ(local_date(evening, "America/New_York", -1), "2025-12-30");
  EXPECT_EQ(local_date(at("2024-02-28T12:00:00Z"), "UTC", 1), "2024-02-29");
  EXPECT_EQ(local_date(at("2026-03-08T04:30:00Z"), "America/New_York", 1), "2026-03-08");
}

}  // namespace
}  // namespace pollux::calendar
