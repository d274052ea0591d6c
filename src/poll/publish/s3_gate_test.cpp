// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/s3_gate.hpp"

#include <gtest/gtest.h>

namespace pollux::publish {
namespace {

using std::chrono::seconds;

struct Gated {
  S3Gate gate{Millis(200), seconds(5)};
  S3Gate::Steady now{seconds(1000)};
  std::optional<Millis> turn() { return gate.turn(now, seconds(20)); }
};

TEST(S3Gate, holds_nobody_back_while_all_is_well) {
  Gated g;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(g.turn(), Millis(0));
  g.gate.passed();
  EXPECT_EQ(g.turn(), Millis(0));
}

TEST(S3Gate, lets_requests_through_one_after_the_other_once_the_server_asked_for_less) {
  Gated g;
  EXPECT_TRUE(g.gate.slowed(g.now, std::nullopt));
  EXPECT_EQ(g.turn(), Millis(200));
  EXPECT_EQ(g.turn(), Millis(400));
  EXPECT_EQ(g.turn(), Millis(600));
}

TEST(S3Gate, doubles_the_distance_and_halves_it_again) {
  Gated g;
  for (Millis expected : {Millis(200), Millis(400), Millis(800), Millis(1600), Millis(3200), Millis(5000)}) {
    g.now += seconds(6);
    EXPECT_EQ(g.gate.slowed(g.now, std::nullopt), expected == Millis(200));
    EXPECT_EQ(g.gate.distance(), expected);
  }
  g.gate.passed();
  EXPECT_EQ(g.gate.distance(), Millis(3200));
  for (int i = 0; i < 5; ++i) g.gate.passed();
  EXPECT_EQ(g.gate.distance(), Millis(0));
}

TEST(S3Gate, counts_what_was_on_its_way_together_as_one) {
  Gated g;
  for (int i = 0; i < 10; ++i) g.gate.slowed(g.now, std::nullopt);
  EXPECT_EQ(g.gate.distance(), Millis(200));
}

TEST(S3Gate, waits_as_long_as_it_is_asked_to_and_turns_away_what_would_wait_too_long) {
  Gated g;
  g.gate.slowed(g.now, seconds(7));
  EXPECT_EQ(g.turn(), seconds(7));
  g.gate.slowed(g.now, seconds(120));
  EXPECT_EQ(g.turn(), std::nullopt);
  g.now += seconds(120);
  EXPECT_EQ(g.turn(), Millis(0)) << "those that were turned away took no turn";
}

}  // namespace
}  // namespace pollux::publish
