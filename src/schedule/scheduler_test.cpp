// SPDX-License-Identifier: Apache-2.0
#include "schedule/scheduler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

namespace pollux::schedule {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

struct Fixture {
  asio::io_context io;
  FixedClock clock{Time(hours(1'000'000))};
  std::vector<Scheduler::Id> started;
  double chance = 0;
  Scheduler scheduler{io.get_executor(), clock, [this](Scheduler::Id id) { started.push_back(id); },
                      [this] { return chance; }};

  std::vector<Scheduler::Id> after(Millis passed) {
    started.clear();
    clock.advance(passed);
    scheduler.step(clock.now());
    return started;
  }
};

Entry every(Millis period, Millis jitter = Millis(0)) { return {calendar::Every{period, Millis(0)}, jitter}; }

TEST(Scheduler, starts_a_poll_that_never_ran_at_once_and_then_at_its_slots) {
  Fixture f;
  f.scheduler.add(every(minutes(1)), std::nullopt);
  EXPECT_THAT(f.after(Millis(0)), ElementsAre(0));
  EXPECT_THAT(f.after(seconds(59)), IsEmpty());
  EXPECT_THAT(f.after(seconds(1)), ElementsAre(0));
}

TEST(Scheduler, does_not_run_again_right_after_a_restart) {
  Fixture f;
  f.scheduler.add(every(hours(1)), f.clock.now() - minutes(10));
  EXPECT_THAT(f.after(Millis(0)), IsEmpty());
  EXPECT_THAT(f.after(hours(1)), ElementsAre(0));
}

TEST(Scheduler, starts_a_poll_whose_interval_passed_while_the_program_was_down) {
  Fixture f;
  f.scheduler.add(every(hours(1)), f.clock.now() - hours(5));
  EXPECT_THAT(f.after(Millis(0)), ElementsAre(0));
}

TEST(Scheduler, does_not_make_up_for_slots_that_a_jump_of_the_clock_skipped) {
  Fixture f;
  f.scheduler.add(every(minutes(1)), f.clock.now());
  EXPECT_THAT(f.after(hours(3)), ElementsAre(0));
  EXPECT_THAT(f.after(seconds(1)), IsEmpty());
}

TEST(Scheduler, waits_for_the_moment_that_a_cron_expression_names) {
  Fixture f;  // 1,000,000 hours after the epoch is 16:00 UTC
  auto noon = calendar::parse_cron("0 17 * * *");
  ASSERT_TRUE(noon);
  f.scheduler.add({calendar::CronRule{*noon, "UTC"}, Millis(0)}, std::nullopt);
  EXPECT_THAT(f.after(Millis(0)), IsEmpty());
  EXPECT_THAT(f.after(minutes(59)), IsEmpty());
  EXPECT_THAT(f.after(minutes(1)), ElementsAre(0));
}

TEST(Scheduler, starts_up_to_the_jitter_after_the_slot) {
  Fixture f;
  f.chance = 0.5;
  f.scheduler.add(every(minutes(1), seconds(20)), f.clock.now());
  EXPECT_EQ(f.scheduler.next(0), f.clock.now() + minutes(1) + seconds(10));
  EXPECT_THAT(f.after(minutes(1)), IsEmpty());
  EXPECT_THAT(f.after(seconds(10)), ElementsAre(0));
  EXPECT_EQ(f.scheduler.next(0), f.clock.now() + seconds(50) + seconds(10));
}

TEST(Scheduler, simulates_a_week_of_a_thousand_polls_without_losing_a_slot) {
  Fixture f;
  for (int i = 0; i < 1000; ++i) f.scheduler.add(every(minutes(1 + i % 60)), f.clock.now());
  std::vector<int> runs(1000);
  Time end = f.clock.now() + hours(7 * 24);
  while (f.clock.now() < end) {
    f.started.clear();
    auto idle = f.scheduler.step(f.clock.now());
    for (auto id : f.started) ++runs[id];
    ASSERT_TRUE(idle);
    f.clock.advance(std::max(*idle, Millis(1)));
  }
  for (int i = 0; i < 1000; ++i) {
    int expected = 7 * 24 * 60 / (1 + i % 60);
    EXPECT_NEAR(runs[static_cast<std::size_t>(i)], expected, 1) << "every " << 1 + i % 60 << "m";
  }
}

}  // namespace
}  // namespace pollux::schedule
