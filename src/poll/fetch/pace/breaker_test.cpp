// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/pace/breaker.hpp"

#include <gtest/gtest.h>

#include "base/units.hpp"

namespace pollux::fetch {
namespace {

using std::chrono::seconds;

const Time kStart = *parse_time("2026-01-02T10:00:00Z");
const config::BreakerPolicy kPolicy{3, seconds(10), seconds(60)};

struct Fixture {
  explicit Fixture(config::BreakerPolicy policy = kPolicy) : breaker(policy) {}
  void fail(double chance = 1) {
    ASSERT_FALSE(breaker.look(now).wait_until) << breaker.look(now).why;
    breaker.failed(breaker.begin(now), now, chance);
  }
  void open() {
    for (int i = 0; i < 3; ++i) fail();
  }
  Breaker breaker;
  Time now = kStart;
};

TEST(Breaker, opens_after_so_many_failures_in_a_row_and_not_before) {
  Fixture f;
  f.fail();
  f.fail();
  f.breaker.succeeded(f.breaker.begin(f.now));
  f.fail();
  f.fail();
  EXPECT_FALSE(f.breaker.open());
  f.fail();
  EXPECT_TRUE(f.breaker.open());
  auto verdict = f.breaker.look(f.now);
  EXPECT_EQ(verdict.wait_until, kStart + seconds(10));
  EXPECT_EQ(verdict.why, "in trouble since 2026-01-02T10:00:00Z, asked again at 2026-01-02T10:00:10Z");
}

TEST(Breaker, lets_one_probe_at_a_time_pass_when_the_pause_is_over) {
  Fixture f;
  f.open();
  f.now += seconds(9);
  EXPECT_TRUE(f.breaker.look(f.now).wait_until);
  f.now += seconds(1);
  EXPECT_FALSE(f.breaker.look(f.now).wait_until);
  auto probe = f.breaker.begin(f.now);
  EXPECT_GT(f.breaker.look(f.now).wait_until, f.now);
  f.now += seconds(30);
  EXPECT_GT(f.breaker.look(f.now).wait_until, f.now);
  f.breaker.succeeded(probe);
  EXPECT_FALSE(f.breaker.open());
  EXPECT_FALSE(f.breaker.look(f.now).wait_until);
}

TEST(Breaker, pauses_twice_as_long_after_each_failed_probe_up_to_the_longest) {
  Fixture f;
  f.open();
  for (auto pause : {10, 20, 40, 60, 60}) {
    EXPECT_EQ(f.breaker.look(f.now).wait_until, f.now + seconds(pause));
    f.now += seconds(pause);
    f.fail();
  }
  EXPECT_EQ(f.breaker.trouble_since(), kStart);
  f.now += seconds(60);
  f.breaker.succeeded(f.breaker.begin(f.now));
  f.open();
  EXPECT_EQ(f.breaker.look(f.now).wait_until, f.now + seconds(10)) << "an answer makes the pause short again";
}

TEST(Breaker, spreads_the_probes_of_many_over_the_second_half_of_the_pause) {
  Fixture f;
  f.fail();
  f.fail();
  f.fail(0);
  EXPECT_EQ(f.breaker.look(f.now).wait_until, f.now + seconds(5));
}

TEST(Breaker, believes_nothing_of_what_was_begun_before_it_opened) {
  Fixture f;
  auto early = f.breaker.begin(f.now);
  auto late = f.breaker.begin(f.now);
  f.open();
  f.breaker.succeeded(early);
  EXPECT_TRUE(f.breaker.open());
  f.now += seconds(5);
  f.breaker.failed(late, f.now, 1);
  EXPECT_EQ(f.breaker.look(f.now).wait_until, kStart + seconds(10)) << "not counted as a failed probe";
}

TEST(Breaker, lets_another_probe_pass_when_the_first_was_never_sent) {
  Fixture f;
  f.open();
  f.now += seconds(10);
  f.breaker.abandoned(f.breaker.begin(f.now));
  EXPECT_TRUE(f.breaker.open());
  EXPECT_FALSE(f.breaker.look(f.now).wait_until);
}

TEST(Breaker, never_opens_when_it_is_off) {
  Fixture f({0, seconds(1), seconds(2)});
  for (int i = 0; i < 1000; ++i) f.fail();
  EXPECT_FALSE(f.breaker.open());
}

}  // namespace
}  // namespace pollux::fetch
