// SPDX-License-Identifier: Apache-2.0
#include "calendar/local_span.hpp"

#include <gtest/gtest.h>

#include "base/units.hpp"

namespace pollux::calendar {
namespace {

using std::chrono::hours;

Time at(const char* text) { return *parse_time(text); }

TEST(LocalDay, is_the_zones_own_day) {
  EXPECT_EQ(local_day(at("2026-01-02T03:04:05Z"), "UTC"),
            (Span{at("2026-01-02T00:00:00Z"), at("2026-01-03T00:00:00Z")}));
  EXPECT_EQ(local_day(at("2026-01-02T07:59:59Z"), "America/Los_Angeles"),
            (Span{at("2026-01-01T08:00:00Z"), at("2026-01-02T08:00:00Z")}));
  EXPECT_EQ(local_day(at("2026-01-02T08:00:00Z"), "America/Los_Angeles").begin, at("2026-01-02T08:00:00Z"));
}

TEST(LocalDay, has_23_or_25_hours_where_the_clock_is_changed) {
  Span spring = local_day(at("2026-03-08T12:00:00Z"), "America/Los_Angeles");
  EXPECT_EQ(spring.end - spring.begin, hours(23));
  Span autumn = local_day(at("2026-11-01T12:00:00Z"), "America/Los_Angeles");
  EXPECT_EQ(autumn.end - autumn.begin, hours(25));
}

TEST(LocalDay, begins_at_the_shift_where_midnight_is_skipped) {
  // Cairo's clock goes from 00:00 to 01:00 on the last Friday of April.
  Span day = local_day(at("2026-04-24T10:00:00Z"), "Africa/Cairo");
  EXPECT_EQ(day.begin, at("2026-04-23T22:00:00Z"));
  EXPECT_EQ(day.end - day.begin, hours(23));
}

TEST(LocalDay, always_holds_the_time_that_it_was_asked_for) {
  // Havana's clock goes from 01:00 back to 00:00, Cairo's from 00:00 back to 23:00.
  for (const char* zone : {"America/Havana", "Africa/Cairo", "America/Los_Angeles", "Pacific/Apia"}) {
    for (Time t = at("2026-01-01"); t < at("2027-01-01"); t += std::chrono::minutes(30)) {
      Span day = local_day(t, zone);
      ASSERT_LE(day.begin, t) << zone << " " << format_time(t);
      ASSERT_GT(day.end, t) << zone << " " << format_time(t);
    }
  }
}

TEST(LocalMonth, is_the_zones_own_month) {
  EXPECT_EQ(local_month(at("2026-03-01T07:00:00Z"), "America/Los_Angeles"),
            (Span{at("2026-02-01T08:00:00Z"), at("2026-03-01T08:00:00Z")}));
  EXPECT_EQ(local_month(at("2026-12-31T23:00:00Z"), "UTC"), (Span{at("2026-12-01"), at("2027-01-01")}));
}

TEST(LocalMonth, is_utcs_where_the_zone_is_unknown) {
  EXPECT_EQ(local_month(at("2026-02-10"), "Nowhere/At_All"), (Span{at("2026-02-01"), at("2026-03-01")}));
}

}  // namespace
}  // namespace pollux::calendar
