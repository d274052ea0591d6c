// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/fault.hpp"

#include <gtest/gtest.h>

#include "apps/sample_api/bad_answer.hpp"

namespace pollux::sample_api {
namespace {

FaultBoard board(std::string_view json) {
  FaultBoard out;
  auto rules = parse_fault_rules(json);
  if (!rules) throw std::runtime_error(rules.error().message);
  out.set(std::move(*rules));
  return out;
}

TEST(Fault, fires_where_the_text_stands_in_the_target_so_often_and_no_more) {
  auto faults = board(R"({"match":"/call","fault":"status","status":503,"times":2})");
  EXPECT_FALSE(faults.next("/chat"));
  EXPECT_EQ(faults.next("/x/call?y")->status, 503);
  EXPECT_TRUE(faults.next("/call"));
  EXPECT_FALSE(faults.next("/call"));
  EXPECT_EQ(faults.fired(), 2U);
}

TEST(Fault, the_first_rule_that_fires_wins) {
  auto faults = board(R"([{"match":"a","fault":"html","times":1},{"fault":"null"}])");
  EXPECT_EQ(faults.next("/a")->fault, "html");
  EXPECT_EQ(faults.next("/a")->fault, "null");
}

TEST(Fault, chance_follows_from_the_seed) {
  auto pattern = [](const std::string& seed) {
    auto faults = board(R"({"fault":"any","probability":0.3,"seed":)" + seed + "}");
    std::string out;
    for (int i = 0; i < 1000; ++i) {
      auto rule = faults.next("/");
      out += rule ? rule->fault + " " : ". ";
    }
    return std::pair(out, faults.fired());
  };
  EXPECT_EQ(pattern("7"), pattern("7"));
  EXPECT_NE(pattern("7"), pattern("8"));
  EXPECT_GT(pattern("7").second, 200U);
  EXPECT_LT(pattern("7").second, 400U);
}

TEST(Fault, refuses_rules_that_it_does_not_understand) {
  for (const char* bad : {"", "x", "7", R"({"fault":"nonsense"})", R"({})", R"({"fault":"html","tims":1})",
                          R"({"fault":"html","times":-1})", R"({"fault":"html","times":"1"})",
                          R"({"fault":"status","status":99})", R"([{"fault":"html"}, 1])"}) {
    EXPECT_FALSE(parse_fault_rules(bad)) << bad;
  }
}

}  // namespace
}  // namespace pollux::sample_api
