// SPDX-License-Identifier: Apache-2.0
#include "plan/simulate.hpp"

#include <gtest/gtest.h>

#include "plan/agenda.hpp"

namespace pollux::plan {
namespace {

using namespace std::chrono;
using config::Limit;

const Time kNow = Time(sys_days(2026y / 1 / 5));

struct Fixture {
  config::File file;
  SimulationOptions options;

  Fixture() {
    upstream().name = "api";
    options.length = hours(1);
  }
  config::Upstream& upstream() { return file.upstreams["api"]; }
  config::Poll& poll(const std::string& name, Millis period, std::size_t steps = 1) {
    config::Poll& out = file.polls[name];
    out.name = name;
    out.schedule = calendar::Every{period, Millis(0)};
    for (std::size_t i = 0; i < steps; ++i) out.steps.emplace_back().upstream = "api";
    return out;
  }
  Simulation run() const { return simulate(file, kNow, options); }
};

TEST(Simulate, runs_every_slot_where_nothing_goes_wrong) {
  Fixture f;
  f.poll("waits", minutes(1), 4);
  auto done = f.run();
  EXPECT_EQ(done.runs, 60U);
  EXPECT_EQ(done.answered, 60U);
  EXPECT_EQ(done.upstreams.at(0).requests, 240U);
  EXPECT_EQ(done.upstreams.at(0).most_a_minute, 4U);
  EXPECT_EQ(done.upstreams.at(0).most_an_hour, 240U);
}

TEST(Simulate, is_the_same_for_the_same_seed_and_another_for_another) {
  Fixture f;
  f.options.faults = 0.3;
  f.poll("waits", minutes(1), 4);
  auto first = f.run();
  auto second = f.run();
  EXPECT_EQ(first.upstreams[0].requests, second.upstreams[0].requests);
  EXPECT_EQ(first.failed, second.failed);
  EXPECT_GT(first.upstreams[0].retries, 0U);
  EXPECT_GT(first.failed, 0U);
  f.options.seed = 2;
  EXPECT_NE(f.run().upstreams[0].requests, first.upstreams[0].requests);
}

TEST(Simulate, asks_as_a_whole_for_what_has_not_changed_where_something_else_has) {
  Fixture f;
  f.poll("docs", minutes(1), 2);
  f.options.not_modified = 1;
  EXPECT_EQ(f.run().upstreams[0].requests, 120U) << "nothing has";
  f.options.not_modified = 0.5;
  auto half = f.run();
  EXPECT_GT(half.upstreams[0].requests, 130U);
  EXPECT_LT(half.upstreams[0].requests, 170U);
  EXPECT_EQ(half.answered, 60U);
  f.file.polls["docs"].steps[0].conditional = false;
  EXPECT_EQ(f.run().upstreams[0].requests, 120U);
}

TEST(Simulate, shares_one_token_and_renews_it_before_it_ends) {
  Fixture f;
  f.upstream().auth = config::OAuth2Auth{};
  f.options.length = hours(2);
  f.poll("a", minutes(1), 4);
  f.poll("b", minutes(1), 4);
  auto done = f.run();
  EXPECT_EQ(done.upstreams[0].tokens, 3U) << "at 0:00, 0:59 and 1:58";
  EXPECT_EQ(done.upstreams[0].requests, 2U * 120 * 4 + 3);
}

TEST(Simulate, ends_a_run_that_finds_no_room_before_its_next_slot) {
  Fixture f;
  f.upstream().limits = {{10, Limit::Per::kHour, false, "UTC"}};
  f.poll("a", minutes(1));
  auto done = f.run();
  EXPECT_EQ(done.upstreams[0].limits[0].most, 10U);
  EXPECT_EQ(done.upstreams[0].requests, 10U);
  EXPECT_EQ(done.limited, 50U);
  EXPECT_EQ(done.upstreams[0].refused, 50U);
}

TEST(Simulate, lets_a_run_wait_that_can_still_make_its_slot) {
  Fixture f;
  f.upstream().limits = {{2, Limit::Per::kSecond, true, "UTC"}};
  f.upstream().concurrency = 100;
  f.poll("a", minutes(10), 20);
  auto done = f.run();
  EXPECT_EQ(done.answered, 6U);
  EXPECT_EQ(done.upstreams[0].limits[0].most, 2U);
  EXPECT_GT(done.upstreams[0].longest_wait, seconds(9));
}

TEST(Simulate, has_no_more_requests_under_way_than_there_are_places) {
  Fixture f;
  f.upstream().concurrency = 2;
  f.options.latency = seconds(10);
  f.options.length = minutes(2);
  f.poll("a", minutes(2), 8);
  std::vector<Time> sent;
  f.options.seen = [&](const std::string&, Time at, Time) { sent.push_back(at); };
  f.run();
  ASSERT_EQ(sent.size(), 8U);
  for (std::size_t i = 2; i < sent.size(); ++i) EXPECT_GE(sent[i] - sent[i - 2], seconds(5));
}

TEST(Simulate, takes_steps_in_the_order_of_their_dependence_and_skips_what_overlaps) {
  Fixture f;
  f.options.latency = seconds(40);
  f.poll("a", minutes(1), 3).steps[2].after = {0, 1};
  auto done = f.run();
  EXPECT_EQ(done.runs + done.overlapping, 60U);
  EXPECT_GT(done.overlapping, 20U) << "a run takes two times 20 to 60 s";
  EXPECT_EQ(done.runs - done.unfinished, done.answered);
}

TEST(Simulate, leaves_an_upstream_alone_that_answers_nothing) {
  Fixture f;
  f.upstream().breaker = {3, minutes(1), minutes(10)};
  f.upstream().retry.attempts = 1;
  f.options.faults = 1;
  f.poll("a", seconds(5));
  auto done = f.run();
  EXPECT_LT(done.upstreams[0].requests, 300U) << "of 720 slots";
  EXPECT_GT(done.upstreams[0].refused, 100U);
}

// 4 sends of 3 attempts after a refused token, each of which takes 3 attempts to be renewed; and one at
// first.
TEST(Simulate, can_make_each_request_fail_as_often_as_it_may) {
  Fixture f;
  f.upstream().auth = config::OAuth2Auth{};
  f.upstream().retry = {3, Millis(1), Millis(2)};
  f.upstream().breaker.failures = 0;
  f.upstream().concurrency = 1;
  f.options.spite = true;
  f.options.length = minutes(1);
  f.poll("a", minutes(5), 4);
  for (std::size_t i = 1; i < 4; ++i) f.file.polls["a"].steps[i].after = {i - 1};
  auto done = f.run();
  EXPECT_EQ(done.answered, 1U);
  EXPECT_EQ(done.upstreams[0].requests, 4U * (1 + 3 + 3) + 3);
}

TEST(Agenda, does_things_at_their_time_and_in_their_order) {
  Agenda agenda(kNow);
  std::vector<int> done;
  agenda.at(kNow + seconds(2), [&] { done.push_back(2); });
  agenda.at(kNow + seconds(1), [&] {
    done.push_back(1);
    agenda.at(kNow, [&] { done.push_back(agenda.now() == kNow + seconds(1) ? 10 : 0); });
  });
  agenda.at(kNow + seconds(2), [&] { done.push_back(3); });
  agenda.at(kNow + seconds(9), [&] { done.push_back(4); });
  agenda.run_until(kNow + seconds(9));
  EXPECT_EQ(done, (std::vector{1, 10, 2, 3}));
  EXPECT_EQ(agenda.now(), kNow + seconds(9));
}

}  // namespace
}  // namespace pollux::plan
