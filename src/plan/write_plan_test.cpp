// SPDX-License-Identifier: Apache-2.0
#include "plan/write_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace pollux::plan {
namespace {

namespace json = boost::json;
using config::Limit;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Plan example() {
  UpstreamPlan api{"api", 3, {1440, 2882}, {60, 122}, {1, 4}, {}, Verdict::kOver, true, true, {}, {}};
  api.limits.push_back({{300, Limit::Per::kMinute, false, "UTC"}, {1, 4}, Verdict::kFits});
  api.limits.push_back({{100, Limit::Per::kHour, true, "UTC"}, {60, 122}, Verdict::kTight});
  api.limits.push_back({{1000, Limit::Per::kDay, false, "America/New_York"}, {1440, 2882}, Verdict::kOver});
  api.most = {{"waits", 1300}, {"news", 140}};
  api.advice = {"1000/day in America/New_York: do less"};
  return {{}, {api}, Verdict::kOver};
}

TEST(WritePlan, makes_a_table_that_lines_up) {
  EXPECT_THAT(
      plan_text(example()),
      StartsWith("upstream  requests                            usual  worst\n"
                 "api       a day                                1440   2882  3 polls\n"
                 "          in the busiest hour                    60    122\n"
                 "          in the busiest minute                   1      4\n"
                 "          limit 300/minute                        1      4  fits\n"
                 "          limit 100/hour sliding                 60    122  fits; not at the worst\n"
                 "          limit 1000/day in America/New_York   1440   2882  OVER\n"));
}

TEST(WritePlan, says_what_it_took_for_granted_and_what_to_do) {
  const std::string text = plan_text(example());
  EXPECT_THAT(text, HasSubstr("1 page for each paged step (--pages)"));
  EXPECT_THAT(text, HasSubstr("a token lives 1h"));
  EXPECT_THAT(text, HasSubstr("\napi: over 1000/day in America/New_York: do less\n"
                              "  most is asked by waits (1300 a day), news (140 a day)\n"));
  EXPECT_THAT(text, HasSubstr("\nwarning: api: 100/hour sliding holds usually, but 122 could be asked for"));
  EXPECT_THAT(text, Not(HasSubstr("warning: api: 300/minute")));
}

TEST(WritePlan, has_the_same_as_json) {
  const json::value made = json::parse(plan_json(example(), nullptr, {}));
  EXPECT_EQ(made, json::parse(R"({
    "verdict": "over",
    "assumed": {"pages": 1, "token_life_s": 3600},
    "upstreams": [{
      "upstream": "api", "polls": 3, "verdict": "over",
      "day": {"usual": 1440, "worst": 2882}, "hour": {"usual": 60, "worst": 122}, "minute": {"usual": 1, "worst": 4},
      "limits": [
        {"limit": "300/minute", "requests": 300, "usual": 1, "worst": 4, "verdict": "fits"},
        {"limit": "100/hour sliding", "requests": 100, "usual": 60, "worst": 122, "verdict": "tight"},
        {"limit": "1000/day in America/New_York", "requests": 1000, "usual": 1440, "worst": 2882, "verdict": "over"}],
      "most": [{"poll": "waits", "a_day": 1300}, {"poll": "news", "a_day": 140}],
      "advice": ["1000/day in America/New_York: do less"]}]})"));
}

TEST(WritePlan, tells_of_a_simulation_in_both_ways) {
  Simulation simulation{60, 50, 4, 5, 2, 1, {{"api", 70, 2, 8, 5, Millis(1500), 70, 70, 4, {}}}};
  simulation.upstreams[0].limits.push_back({{300, Limit::Per::kMinute, false, "UTC"}, 4});
  SimulationOptions options;
  options.faults = 0.05;
  const std::string text = simulation_text(simulation, options);
  EXPECT_THAT(text, HasSubstr("simulated 7d "));
  EXPECT_THAT(text, HasSubstr("5% faults, 0% not modified, 200ms latency, seed 1"));
  EXPECT_THAT(
      text,
      HasSubstr("60 runs: 50 answered, 4 failed, 5 ended by a limit, 2 skipped as overlapping, 1 under"));
  EXPECT_THAT(text, HasSubstr("2 tokens, 8 retries, 5 not sent; longest wait 1.5 s"));
  EXPECT_THAT(text, HasSubstr("limit 300/minute"));
  EXPECT_THAT(text, Not(HasSubstr("PASSED")));
  const json::value made = json::parse(plan_json(example(), &simulation, options));
  EXPECT_EQ(made.at("simulation").at("runs").at("limited"), 5);
  EXPECT_EQ(made.at("simulation").at("upstreams").at(0).at("limits").at(0).at("most"), 4);
}

}  // namespace
}  // namespace pollux::plan
