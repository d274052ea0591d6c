// SPDX-License-Identifier: Apache-2.0
// `pollux plan`, as one asks it before anything is asked of an API.
#include <gmock/gmock.h>

#include <filesystem>

#include "tests/system/call_center.hpp"

namespace pollux::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class PlanTest : public CallCenter {
 protected:
  void limit(const std::string& limits) { replace("    retry:", "    limits: " + limits + "\n    retry:"); }
  Finished plan(Words words = {}) const {
    words.insert(words.begin(), "plan");
    return pollux(std::move(words));
  }
  void expect_nothing_was_touched() const {
    EXPECT_EQ(api_.requests(), 0);
    EXPECT_FALSE(std::filesystem::exists(dir_ / ".pollux"));
    EXPECT_FALSE(std::filesystem::exists(dir_ / "public"));
  }
};

TEST_F(PlanTest, ends_with_0_where_the_limits_hold_also_at_the_worst) {
  limit("[300/minute, 60000/day in America/New_York]");
  auto done = plan();
  EXPECT_EQ(done.exit, 0) << done.err;
  EXPECT_THAT(done.err, IsEmpty());
  EXPECT_THAT(done.out, AllOf(HasSubstr("limit 300/minute"), HasSubstr("limit 60000/day in America/New_York"),
                              HasSubstr("fits"), Not(HasSubstr("OVER")), Not(HasSubstr("warning"))));
  expect_nothing_was_touched();
}

TEST_F(PlanTest, warns_and_ends_with_0_where_they_hold_only_usually) {
  limit("5/minute");
  auto done = plan();
  EXPECT_EQ(done.exit, 0) << done.err;
  EXPECT_THAT(done.out,
              AllOf(HasSubstr("fits; not at the worst"), HasSubstr("warning: contact-center: 5/minute")));
}

TEST_F(PlanTest, ends_with_3_and_says_what_to_do_where_they_do_not_hold) {
  limit("[4/minute, 100/hour]");
  auto done = plan();
  EXPECT_EQ(done.exit, 3) << done.err;
  EXPECT_THAT(done.out, AllOf(HasSubstr("OVER"), HasSubstr("one run of wait-times alone asks 5 times"),
                              HasSubstr("`every: 1m` of wait-times becomes `every: 3m`"),
                              HasSubstr("the limit be 242/hour"), HasSubstr("most is asked by wait-times")));
  expect_nothing_was_touched();
}

TEST_F(PlanTest, tells_programs_the_same_as_json) {
  limit("4/minute");
  auto done = plan({"--format", "json"});
  EXPECT_EQ(done.exit, 3) << done.err;
  auto told = parsed(done.out);
  EXPECT_EQ(told.at("verdict"), "over");
  EXPECT_EQ(told.at("upstreams").at(0).at("upstream"), "contact-center");
  EXPECT_EQ(told.at("upstreams").at(0).at("limits").at(0).at("usual"), 5);
  EXPECT_EQ(told.at("upstreams").at(0).at("day").at("usual"), 1440 * 4 + 25);
}

TEST_F(PlanTest, lives_through_a_week_in_no_time_and_passes_no_limit) {
  limit("[20/minute, 6000/day]");
  const Words words{"--simulate", "7d",   "--faults",   "20%",      "--seed",
                    "7",          "--at", "2026-03-05", "--format", "json"};
  auto done = plan(words);
  EXPECT_EQ(done.exit, 0) << done.out << done.err;
  auto simulated = parsed(done.out).at("simulation").at("upstreams").at(0);
  EXPECT_GT(simulated.at("requests").to_number<int>(), 20'000);
  EXPECT_LE(simulated.at("limits").at(0).at("most").to_number<int>(), 20);
  EXPECT_LE(simulated.at("limits").at(1).at("most").to_number<int>(), 6000);
  EXPECT_EQ(plan(words).out, done.out) << "the same seed, the same week";
  EXPECT_THAT(plan({"--simulate", "1d"}).out, AllOf(HasSubstr("simulated 1 d"), HasSubstr("kept")));
  expect_nothing_was_touched();
}

struct WrongPlan {
  const char* name;
  Words words;
  const char* said;
};
class PlanWrongly : public CallCenter, public testing::WithParamInterface<WrongPlan> {};

TEST_P(PlanWrongly, ends_with_2_and_says_what_was_wrong) {
  Words words{"plan"};
  words.insert(words.end(), GetParam().words.begin(), GetParam().words.end());
  auto done = pollux(words);
  EXPECT_EQ(done.exit, 2) << done.out;
  EXPECT_THAT(done.err, HasSubstr(GetParam().said));
}

INSTANTIATE_TEST_SUITE_P(
    , PlanWrongly,
    testing::Values(WrongPlan{"no_length", {"--simulate", "week"}, "--simulate week: not a length of time"},
                    WrongPlan{"too_long", {"--simulate", "9999d"}, "up to 366d"},
                    WrongPlan{"no_share", {"--faults", "0.05"}, "--faults 0.05: not a share; write 5%"},
                    WrongPlan{"no_latency", {"--latency", "5"}, "--latency 5"},
                    WrongPlan{"no_time", {"--at", "today"}, "--at today: not a time"},
                    WrongPlan{"no_format", {"--format", "xml"}, "--format"},
                    WrongPlan{"no_pages", {"--pages", "0"}, "--pages"},
                    WrongPlan{"no_file", {"-c", "nothing.yaml"}, "nothing.yaml"}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(PlanTest, is_asked_by_the_daemon_which_warns_at_its_start) {
  limit("4/minute");
  auto daemon = run();
  ASSERT_TRUE(daemon->process().wait_for_output("\"event\":\"plan\""));
  for (const auto& line : log_lines(daemon->process().out())) {
    if (text_of(line, "event") != "plan") continue;
    EXPECT_EQ(text_of(line, "level"), "warning");
    EXPECT_THAT(text_of(line, "message"),
                AllOf(HasSubstr("contact-center"), HasSubstr("5 requests against 4/minute")));
  }
}

}  // namespace
}  // namespace pollux::test
