// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/pace/limits.hpp"

#include <gtest/gtest.h>

#include "base/units.hpp"

namespace pollux::fetch {
namespace {

using config::Limit;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Per = Limit::Per;
using Ending = Limits::Ending;

Time at(const char* text) { return *parse_time(text); }
const Time kTen = at("2026-01-02T10:00:00Z");

// As many requests as may begin at once, each answered at once.
int send_all(Limits& limits, Time now) {
  int sent = 0;
  for (; !limits.look(now).wait_until; ++sent) limits.end(limits.begin(now), now);
  return sent;
}

TEST(Limits, let_so_many_begin_in_a_window_of_the_wall_clock_and_say_when_the_next_one_is) {
  Limits limits({{3, Per::kMinute}});
  EXPECT_EQ(send_all(limits, kTen + seconds(59)), 3);
  auto verdict = limits.look(kTen + seconds(59));
  EXPECT_EQ(verdict.wait_until, kTen + minutes(1));
  EXPECT_EQ(verdict.why, "3/minute is used up until 2026-01-02T10:01:00Z");
  EXPECT_EQ(send_all(limits, kTen + minutes(1)), 3);
}

TEST(Limits, count_a_request_that_is_still_on_its_way_in_the_next_window_too) {
  Limits limits({{3, Per::kMinute}});
  auto slow = limits.begin(kTen + seconds(59));
  auto fast = limits.begin(kTen + seconds(59));
  limits.end(fast, kTen + seconds(59) + Millis(999));
  limits.end(slow, kTen + seconds(61));
  EXPECT_EQ(send_all(limits, kTen + seconds(62)), 2);
  EXPECT_EQ(send_all(limits, kTen + seconds(120)), 3);
}

TEST(Limits, count_a_request_without_an_answer_for_a_moment_longer) {
  Limits fixed({{3, Per::kMinute}});
  fixed.end(fixed.begin(kTen + seconds(50)), kTen + seconds(59), Ending::kUnknown);
  EXPECT_EQ(send_all(fixed, kTen + seconds(70)), 2) << "it may have come in at 10:01:00";
  Limits sliding({{1, Per::kMinute, true}});
  sliding.end(sliding.begin(kTen), kTen, Ending::kUnknown);
  EXPECT_EQ(sliding.look(kTen + seconds(61)).wait_until, kTen + seconds(60) + kLate + Millis(1));
}

TEST(Limits, forget_a_request_that_never_left) {
  Limits limits({{1, Per::kMinute}, {1, Per::kHour, true}});
  limits.end(limits.begin(kTen), kTen, Ending::kUnsent);
  EXPECT_FALSE(limits.look(kTen).wait_until);
}

TEST(Limits, slide_from_the_end_of_each_request) {
  Limits limits({{2, Per::kMinute, true}});
  auto first = limits.begin(kTen);
  limits.end(first, kTen + seconds(10));
  limits.end(limits.begin(kTen + seconds(20)), kTen + seconds(20));
  auto verdict = limits.look(kTen + seconds(30));
  EXPECT_EQ(verdict.wait_until, kTen + seconds(70) + Millis(1));
  EXPECT_EQ(verdict.why, "2/minute sliding is used up until 2026-01-02T10:01:10Z");
  EXPECT_TRUE(limits.look(kTen + seconds(70)).wait_until) << "the API may count both ends of its window";
  EXPECT_EQ(send_all(limits, kTen + seconds(70) + Millis(1)), 1);
}

TEST(Limits, wait_at_least_a_window_for_what_is_in_flight) {
  Limits limits({{1, Per::kMinute, true}});
  auto slow = limits.begin(kTen);
  EXPECT_EQ(limits.look(kTen + seconds(5)).wait_until, kTen + seconds(65));
  limits.end(slow, kTen + seconds(90));
  EXPECT_EQ(limits.look(kTen + seconds(91)).wait_until, kTen + seconds(150) + Millis(1));
}

TEST(Limits, reset_days_and_months_by_the_zones_own_calendar) {
  const char* zone = "America/Los_Angeles";
  Limits day({{1, Per::kDay, false, zone}});
  send_all(day, at("2026-03-08T07:59:00Z"));
  EXPECT_EQ(day.look(at("2026-03-08T07:59:01Z")).wait_until, at("2026-03-08T08:00:00Z"));
  send_all(day, at("2026-03-08T08:00:00Z"));
  auto short_day = day.look(at("2026-03-08T12:00:00Z"));
  EXPECT_EQ(short_day.wait_until, at("2026-03-09T07:00:00Z")) << "23 hours: the clock is changed";
  EXPECT_EQ(short_day.why, "1/day in America/Los_Angeles is used up until 2026-03-09T07:00:00Z");
  Limits month({{1, Per::kMonth}});
  send_all(month, at("2028-02-29T23:00:00Z"));
  EXPECT_EQ(month.look(at("2028-02-29T23:00:01Z")).wait_until, at("2028-03-01"));
  Limits rolling({{1, Per::kMonth, true}});
  send_all(rolling, at("2026-02-01"));
  EXPECT_EQ(rolling.look(at("2026-03-03")).wait_until, at("2026-03-04") + Millis(1));
}

TEST(Limits, hold_all_at_once_and_name_the_one_that_lasts_longest) {
  Limits limits({{2, Per::kSecond}, {5, Per::kMinute}, {100, Per::kDay}});
  int sent = 0;
  for (Time now = kTen; now < kTen + minutes(1); now += Millis(100)) sent += send_all(limits, now);
  EXPECT_EQ(sent, 5);
  EXPECT_EQ(limits.look(kTen + seconds(3)).why, "5/minute is used up until 2026-01-02T10:01:00Z");
}

TEST(Limits, obey_the_apis_own_words_but_for_no_longer_than_a_day) {
  Limits limits({});
  limits.hold(kTen + minutes(5), "asked to");
  limits.hold(kTen + minutes(2), "a shorter one");
  EXPECT_EQ(limits.look(kTen).wait_until, kTen + minutes(5));
  EXPECT_EQ(limits.look(kTen).why, "asked to");
  EXPECT_FALSE(limits.look(kTen + minutes(5)).wait_until);
  limits.hold(kTen + days(400), "nonsense");
  EXPECT_EQ(limits.look(kTen).wait_until, kTen + days(1));
  EXPECT_FALSE(limits.look(kTen + days(1)).wait_until);
}

TEST(Limits, say_what_is_used_and_when_it_is_free_again) {
  Limits limits({{9, Per::kMinute}, {9, Per::kHour, true}, {9, Per::kDay}});
  limits.end(limits.begin(kTen), kTen);
  limits.begin(kTen + seconds(61));
  auto used = limits.used(kTen + seconds(62));
  ASSERT_EQ(used.size(), 3U);
  EXPECT_EQ(used[0].used, 1U);
  EXPECT_EQ(used[0].resets_at, kTen + minutes(2));
  EXPECT_EQ(used[1].used, 2U);
  EXPECT_EQ(used[1].resets_at, kTen + hours(1) + Millis(1));
  EXPECT_EQ(used[2].used, 2U);
  EXPECT_EQ(used[2].limit, (Limit{9, Per::kDay}));
}

TEST(Limits, remember_in_little_room_and_then_rather_too_much_than_too_little) {
  Limits limits({{20'000, Per::kDay, true}});
  for (int i = 0; i < 20'000; ++i) {
    Time now = kTen + seconds(i);
    limits.end(limits.begin(now), now);
  }
  EXPECT_LT(limits.save().size(), 6'000U);
  auto verdict = limits.look(kTen + seconds(20'000));
  ASSERT_TRUE(verdict.wait_until);
  EXPECT_GT(*verdict.wait_until, kTen + days(1));
  EXPECT_LT(*verdict.wait_until, kTen + days(1) + minutes(23))
      << "what is wasted is a small part of the window";
}

TEST(LimitsAndTheClock, count_both_windows_when_it_goes_back_a_little_across_their_border) {
  Limits limits({{3, Per::kMinute}});
  send_all(limits, kTen - seconds(1));
  limits.end(limits.begin(kTen), kTen);
  EXPECT_EQ(limits.look(kTen - seconds(1)).wait_until, kTen);
  EXPECT_EQ(send_all(limits, kTen), 2) << "and nothing is forgotten when the border comes again";
  EXPECT_EQ(send_all(limits, kTen - seconds(1)), 0);
  EXPECT_EQ(send_all(limits, kTen + seconds(1)), 0);
}

TEST(LimitsAndTheClock, keep_their_counts_when_it_goes_back_far_and_are_not_stuck) {
  Limits limits({{3, Per::kMinute}, {5, Per::kHour, true}});
  send_all(limits, kTen);
  const Time past = kTen - days(365);
  auto verdict = limits.look(past);
  ASSERT_TRUE(verdict.wait_until);
  EXPECT_EQ(*verdict.wait_until, past + minutes(1));
  EXPECT_EQ(send_all(limits, past + minutes(1)), 2) << "3 of the 5 of an hour are used";
  EXPECT_EQ(send_all(limits, past + hours(1) + seconds(3)), 3);
}

TEST(LimitsInTheState, go_on_where_the_last_process_was) {
  std::vector<Limit> all{{3, Per::kMinute}, {5, Per::kHour, true}, {7, Per::kDay, false, "Europe/Berlin"}};
  Limits before(all);
  send_all(before, kTen);
  before.hold(kTen + seconds(30), "asked to");
  Limits after(all);
  ASSERT_TRUE(after.restore(before.save(), kTen + seconds(1)));
  EXPECT_EQ(after.look(kTen + seconds(1)).wait_until, kTen + minutes(1));
  auto used = after.used(kTen + seconds(1));
  EXPECT_EQ(used[0].used, 3U);
  EXPECT_EQ(used[1].used, 3U);
  EXPECT_EQ(used[2].used, 3U);
  Limits held({});
  ASSERT_TRUE(held.restore(before.save(), kTen + seconds(1)));
  EXPECT_EQ(held.look(kTen + seconds(1)).why, "asked to");
}

TEST(LimitsInTheState, take_what_was_in_flight_for_just_ended) {
  std::vector<Limit> all{{3, Per::kMinute}, {3, Per::kMinute, true}};
  Limits before(all, seconds(30));
  before.begin(kTen + seconds(58));
  Limits after(all, seconds(30));
  ASSERT_TRUE(after.restore(before.save(), kTen + seconds(61)));
  EXPECT_EQ(after.used(kTen + seconds(61))[0].used, 1U) << "it may have come in after 10:01:00";
  EXPECT_EQ(after.used(kTen + seconds(61) + minutes(1) + kLate)[1].used, 1U);
  EXPECT_EQ(after.used(kTen + seconds(61) + minutes(1) + kLate + Millis(1))[1].used, 0U);
}

TEST(LimitsInTheState, do_not_take_a_request_of_yesterday_for_one_of_today) {
  std::vector<Limit> all{{1, Per::kDay}};
  Limits before(all, seconds(30));
  before.begin(kTen);  // saved then, and never again
  Limits after(all, seconds(30));
  ASSERT_TRUE(after.restore(before.save(), kTen + days(1)));
  EXPECT_FALSE(after.look(kTen + days(1)).wait_until);
}

TEST(LimitsInTheState, count_on_under_a_limit_that_the_file_changed) {
  Limits before({{3, Per::kMinute}});
  send_all(before, kTen);
  Limits raised({{5, Per::kMinute}, {9, Per::kDay}});
  ASSERT_TRUE(raised.restore(before.save(), kTen));
  EXPECT_EQ(send_all(raised, kTen), 2);
  Limits lowered({{2, Per::kMinute}});
  ASSERT_TRUE(lowered.restore(before.save(), kTen));
  EXPECT_EQ(send_all(lowered, kTen), 0);
}

TEST(LimitsInTheState, are_refused_where_they_cannot_be_read) {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"windows":{},"in_flight":[],"late":[[1]]})",
        R"({"windows":{"minute":{"start":0,"used":-1,"before":0}},"in_flight":[],"late":[]})",
        R"({"windows":{"minute":{"start":9e99,"used":1,"before":0}},"in_flight":[],"late":[]})",
        R"({"windows":{"minute":7},"in_flight":[],"late":[]})"}) {
    Limits limits({{3, Per::kMinute}});
    auto restored = limits.restore(text, kTen);
    ASSERT_FALSE(restored) << text;
    EXPECT_EQ(restored.error().kind, ErrorKind::kState);
  }
}

TEST(Complaint, beats_23023_kept_asking_after_the_limit_was_hit) {
  // A poller that asks a hundred times a second for two minutes: what it may ask is what the limit says.
  Limits limits({{10, Per::kMinute}, {15, Per::kHour, true}});
  int sent = 0;
  for (Time now = kTen; now < kTen + minutes(2); now += Millis(10)) sent += send_all(limits, now);
  EXPECT_EQ(sent, 15);
}

}  // namespace
}  // namespace pollux::fetch
