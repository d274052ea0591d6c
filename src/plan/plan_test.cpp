// SPDX-License-Identifier: Apache-2.0
#include "plan/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/advice.hpp"

namespace pollux::plan {
namespace {

using namespace std::chrono;
using config::Limit;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const Time kNow = Time(sys_days(2026y / 1 / 5)) + hours(10);

struct Fixture {
  config::File file;

  config::Upstream& upstream(std::size_t attempts = 4) {
    config::Upstream& out = file.upstreams["api"];
    out.name = "api";
    out.retry.attempts = attempts;
    return out;
  }
  config::Poll& poll(const std::string& name, calendar::ScheduleRule rule, std::size_t steps = 1) {
    config::Poll& out = file.polls[name];
    out.name = name;
    out.schedule = std::move(rule);
    for (std::size_t i = 0; i < steps; ++i) {
      out.steps.emplace_back().upstream = "api";
      out.steps.back().conditional = false;
    }
    return out;
  }
  UpstreamPlan only(const Assumptions& assumed = {}) const {
    return make_plan(file, kNow, assumed).upstreams.at(0);
  }
};

calendar::ScheduleRule every(Millis period, Millis offset = Millis(0)) {
  return calendar::Every{period, offset};
}
calendar::ScheduleRule cron(const std::string& text, const std::string& zone = "UTC") {
  return calendar::CronRule{*calendar::parse_cron(text), zone};
}

TEST(Plan, counts_one_attempt_for_each_step_usually_and_all_of_two_runs_at_the_worst) {
  Fixture f;
  f.upstream(4);
  f.poll("waits", every(minutes(1)), 3);
  auto plan = f.only();
  EXPECT_EQ(plan.polls, 1U);
  EXPECT_EQ(plan.minute, (Use{3, 2 * 3 * 4}));  // the run of this minute, and the one that began before it
  EXPECT_EQ(plan.hour, (Use{180, 61 * 12}));
  EXPECT_EQ(plan.day, (Use{4320, 1441 * 12}));
}

// The call centre: four queues each minute with one token.
TEST(Plan, counts_tokens_once_in_their_life_usually_and_for_each_refusal_at_the_worst) {
  Fixture f;
  f.upstream(4).auth = config::OAuth2Auth{};
  f.poll("waits", every(minutes(1)), 4);
  auto plan = f.only();
  EXPECT_TRUE(plan.tokens);
  // 4 steps of 4 attempts and one more after a 401; 4 refused tokens and 4 that cannot be had, of 4 attempts
  // each; and up to two tokens that end by themselves, asked for every 10 s in their last minute.
  EXPECT_EQ(plan.minute, (Use{5, 2 * (4 * 5 + 8 * 4) + 2 * 7 * 4}));
  EXPECT_EQ(plan.hour.usual, 242U);
  EXPECT_EQ(plan.day.usual, 1440U * 4 + 25);
}

TEST(Plan, asks_nobody_for_a_key_or_an_assertion_that_is_its_own_token) {
  Fixture f;
  f.upstream(1).auth = config::GoogleAuth{{}, "", "", "https://api.example/"};
  f.poll("a", every(hours(1)));
  EXPECT_EQ(f.only().day, (Use{24, 2 * 25})) << "sent again with another assertion";
}

TEST(Plan, counts_a_post_once_unless_it_is_safe) {
  Fixture f;
  f.upstream(4);
  f.poll("send", every(hours(1))).steps[0].method = config::Method::kPost;
  EXPECT_EQ(f.only().hour, (Use{1, 2}));
  f.file.polls["send"].steps[0].safe = true;
  EXPECT_EQ(f.only().hour, (Use{1, 8}));
}

// Two have not changed and one has: those two are asked for once more, as a whole.
TEST(Plan, counts_at_the_worst_what_is_asked_conditionally_and_then_as_a_whole) {
  Fixture f;
  f.upstream(4);
  config::Poll& poll = f.poll("docs", every(minutes(1)), 3);
  for (config::Step& step : poll.steps) step.conditional = true;
  EXPECT_EQ(f.only().minute, (Use{3, 2 * (3 + 2) * 4}));
  f.file.upstreams["other"].name = "other";
  poll.steps[2].upstream = "other";
  EXPECT_EQ(f.only().minute, (Use{2, 2 * (2 + 2) * 4})) << "what has changed may be the other's";
  poll.steps.resize(1);
  EXPECT_EQ(f.only().minute, (Use{1, 2 * 4})) << "nothing else can have changed";
}

TEST(Plan, counts_one_page_usually_or_as_many_as_told_and_all_at_the_worst) {
  Fixture f;
  f.upstream(3);
  f.poll("list", every(hours(1))).steps[0].pages.emplace().max_pages = 50;
  EXPECT_EQ(f.only().hour, (Use{1, 2 * 50 * 3}));
  EXPECT_EQ(f.only({10, hours(1)}).hour, (Use{10, 2 * 50 * 3}));
  EXPECT_EQ(f.only({1000, hours(1)}).hour.usual, 50U);
}

TEST(Plan, adds_up_the_polls_of_an_upstream_and_leaves_out_those_of_others) {
  Fixture f;
  f.upstream(1);
  f.file.upstreams["other"].name = "other";
  f.file.upstreams["unused"].name = "unused";
  f.poll("a", every(minutes(1)));
  f.poll("b", every(minutes(5)), 2).steps[1].upstream = "other";
  auto plan = make_plan(f.file, kNow);
  ASSERT_THAT(plan.upstreams, SizeIs(2));
  EXPECT_EQ(plan.upstreams[0].hour, (Use{72, 61 + 13}));
  EXPECT_EQ(plan.upstreams[0].polls, 2U);
  EXPECT_EQ(plan.upstreams[1].name, "other");
  EXPECT_EQ(plan.upstreams[1].hour.usual, 12U);
}

// In any minute at most one of the sixty begins; runs of all the others may still drag on.
TEST(Plan, sees_at_the_worst_too_that_polls_of_one_period_are_spread) {
  Fixture f;
  f.upstream(1);
  for (int i = 0; i < 60; ++i) f.poll("p" + std::to_string(i), every(hours(1), minutes(i)));
  EXPECT_EQ(f.only().minute, (Use{1, 61}));
  EXPECT_EQ(f.only().hour, (Use{60, 120}));
}

TEST(Plan, counts_the_jitter_as_time_in_which_more_slots_can_start) {
  Fixture f;
  f.upstream(1);
  f.poll("a", every(minutes(10))).jitter = minutes(9);
  EXPECT_EQ(f.only().hour, (Use{6, 8}));
}

TEST(Plan, tells_what_fits_what_fits_usually_and_what_does_not) {
  Fixture f;
  f.upstream(4).limits = {{24, Limit::Per::kMinute, false, "UTC"},
                          {23, Limit::Per::kMinute, false, "UTC"},
                          {3, Limit::Per::kMinute, true, "UTC"},
                          {2, Limit::Per::kMinute, false, "UTC"}};
  f.poll("waits", every(minutes(1)), 3);
  auto plan = f.only();
  std::vector<Verdict> verdicts;
  for (const auto& limit : plan.limits) verdicts.push_back(limit.verdict);
  EXPECT_THAT(verdicts, ElementsAre(Verdict::kFits, Verdict::kTight, Verdict::kTight, Verdict::kOver));
  EXPECT_EQ(plan.verdict, Verdict::kOver);
}

TEST(Plan, takes_the_day_that_a_rare_poll_runs_together_with_all_else) {
  Fixture f;
  f.upstream(1);
  f.poll("each-hour", cron("0 * * * *"), 2);
  f.poll("each-month", cron("0 3 28 * *"), 50);
  f.poll("each-year", cron("30 3 1 10 *"), 70);
  auto plan = f.only();
  EXPECT_EQ(plan.hour.usual, 72U);
  EXPECT_EQ(plan.minute.usual, 70U);
  EXPECT_EQ(plan.day.usual, 24U * 2 + 70);
}

TEST(Plan, counts_whole_months) {
  Fixture f;
  f.upstream(1).limits = {{1000, Limit::Per::kMonth, false, "UTC"}, {1000, Limit::Per::kMonth, true, "UTC"}};
  f.poll("daily", every(days(1)));
  f.poll("weekdays", cron("0 9 * * MON-FRI"));
  auto plan = f.only();
  EXPECT_EQ(plan.limits[0].use, (Use{31 + 23, 32 + 24}));
  EXPECT_EQ(plan.limits[1].use, (Use{31 + 23, 32 + 24}));
}

TEST(Plan, counts_the_days_of_the_limits_zone) {
  Fixture f;
  f.upstream(1).limits = {{100, Limit::Per::kDay, false, "America/New_York"}};
  f.poll("a", every(hours(1)));
  EXPECT_EQ(f.only().limits[0].use, (Use{24, 26}))
      << "25 hours where the clock is set back, and one run before";
}

TEST(Plan, names_the_polls_that_ask_most_and_what_would_help) {
  Fixture f;
  f.upstream(1).limits = {{10, Limit::Per::kMinute, false, "UTC"}};
  for (int i = 0; i < 6; ++i) f.poll("small-" + std::to_string(i), every(hours(1)));
  f.poll("big", every(seconds(30)), 8);
  auto plan = f.only();
  ASSERT_THAT(plan.most, SizeIs(5));
  EXPECT_EQ(plan.most[0].poll, "big");
  EXPECT_EQ(plan.most[0].a_day, 8U * 2880);
  EXPECT_EQ(plan.most[1].poll, "small-0");
  EXPECT_THAT(plan.advice,
              ElementsAre(AllOf(HasSubstr("10/minute"), HasSubstr("`every: 30s` of big becomes `every: 2m`"),
                                HasSubstr("the limit be 22/minute"))));
}

// No period helps there.
TEST(Plan, names_the_poll_of_which_one_run_is_too_much) {
  Fixture f;
  f.upstream(1).limits = {{4, Limit::Per::kMinute, false, "UTC"}};
  f.upstream(1).auth = config::OAuth2Auth{};
  f.poll("waits", every(minutes(1)), 4);
  EXPECT_THAT(f.only().advice, ElementsAre(AllOf(HasSubstr("one run of waits alone asks 5 times"),
                                                 HasSubstr("a limit of 5/minute"))));
}

TEST(Plan, tells_a_burst_from_too_much) {
  Fixture f;
  f.upstream(1).limits = {{60, Limit::Per::kMinute, false, "UTC"}};
  for (int i = 0; i < 100; ++i) f.poll("p" + std::to_string(i), cron("0 3 * * *"));
  EXPECT_THAT(f.only().advice, ElementsAre(AllOf(HasSubstr("due together"), HasSubstr("100/minute"))));
}

TEST(Plan, says_nothing_where_all_is_well) {
  Fixture f;
  f.upstream(1).limits = {{600, Limit::Per::kMinute, false, "UTC"}};
  f.poll("a", every(minutes(1)));
  auto plan = make_plan(f.file, kNow);
  EXPECT_EQ(plan.verdict, Verdict::kFits);
  EXPECT_THAT(plan.upstreams[0].advice, IsEmpty());
  EXPECT_THAT(plan.upstreams[0].most, IsEmpty());
  EXPECT_THAT(broken_limits(plan), IsEmpty());
}

TEST(Plan, has_one_sentence_for_each_upstream_that_is_over) {
  Fixture f;
  f.upstream(1).limits = {{5, Limit::Per::kMinute, false, "UTC"}, {50, Limit::Per::kHour, false, "UTC"}};
  f.poll("a", every(seconds(10)));
  EXPECT_THAT(broken_limits(make_plan(f.file, kNow)),
              ElementsAre(AllOf(HasSubstr("api: "), HasSubstr("6 requests against 5/minute"),
                                HasSubstr("360 requests against 50/hour"))));
}

TEST(Plan, counts_a_second_for_polls_more_often_than_that) {
  Fixture f;
  f.upstream(1).limits = {{10, Limit::Per::kSecond, false, "UTC"}};
  f.poll("a", every(Millis(250)));
  EXPECT_EQ(f.only().limits[0].use, (Use{4, 5}));
}

// 102 agencies and 137 reports. Bounded by a generous multiple of what it takes, to find what grows with the
// square.
TEST(Plan, of_fourteen_thousand_polls_takes_no_long_time) {
  Fixture f;
  f.upstream(3).limits = {{10, Limit::Per::kSecond, true, "UTC"},
                          {20'000, Limit::Per::kDay, false, "America/Los_Angeles"}};
  for (int i = 0; i < 102 * 137; ++i) {
    const Millis period = i % 3 == 0 ? Millis(days(1)) : Millis(hours(4));
    f.poll("report-" + std::to_string(i), every(period, seconds(i * 7919LL % (period / seconds(1)))));
  }
  const auto begun = steady_clock::now();
  auto plan = f.only();
  EXPECT_LT(steady_clock::now() - begun, seconds(20));
  EXPECT_EQ(plan.day.usual, 4658U + 6U * 9316U);
}

TEST(Advice, rounds_a_period_up_to_one_that_people_write) {
  EXPECT_EQ(round_period(seconds(61)), minutes(2));
  EXPECT_EQ(round_period(minutes(2)), minutes(2));
  EXPECT_EQ(round_period(hours(13)), days(1));
  EXPECT_EQ(round_period(hours(24 * 8 + 1)), days(9));
}

}  // namespace
}  // namespace pollux::plan
