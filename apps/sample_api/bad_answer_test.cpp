// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/bad_answer.hpp"

#include <gtest/gtest.h>

#include <set>

namespace pollux::sample_api {
namespace {

const net::ServerResponse kGood{200, {{"Content-Type", "application/json"}}, R"({"results":[{"n":1}]})", {}};

net::ServerResponse spoiled(const std::string& fault) {
  FaultRule rule;
  rule.fault = fault;
  rule.bytes = 1000;
  net::ServerRequest request{
      "GET", "/x", "/x", {}, {{"Authorization", "Bearer t0ken"}}, "body", "",
  };
  return bad_answer(rule, request, kGood);
}

TEST(BadAnswer, there_are_more_than_25_kinds_and_each_differs_from_the_good_one_and_from_all_others) {
  EXPECT_GE(quick_fault_names().size(), 25U);
  std::set<std::string> seen;
  for (const auto& name : fault_names()) {
    auto bad = spoiled(name);
    std::string all = std::to_string(bad.status) + bad.body;
    for (const auto& [key, value] : bad.headers) all.append("\n").append(key).append(value);
    if (bad.misbehavior) {
      const auto& how = *bad.misbehavior;
      all += how.raw.value_or("-") + std::to_string(how.delay.count()) + "/" +
             std::to_string(how.stop_after.value_or(99)) + "/" + std::to_string(static_cast<int>(how.end)) +
             "/" + std::to_string(how.drip);
    }
    EXPECT_TRUE(seen.insert(all).second) << name << " is like another one";
    bool same = bad.status == kGood.status && bad.body == kGood.body && bad.headers == kGood.headers;
    EXPECT_FALSE(same && !bad.misbehavior) << name;
  }
}

TEST(BadAnswer, shows_what_it_was_sent_when_asked_to) {
  auto bad = spoiled("echo_secret");
  EXPECT_EQ(bad.status, 400);
  EXPECT_NE(bad.body.find("Bearer t0ken"), std::string::npos);
}

TEST(BadAnswer, says_when_to_come_again) {
  FaultRule rule;
  rule.fault = "status";
  rule.status = 429;
  rule.retry_after = "0";
  auto bad = bad_answer(rule, {}, kGood);
  EXPECT_EQ(bad.status, 429);
  EXPECT_EQ(net::find_header(bad.headers, "retry-after"), "0");
}

}  // namespace
}  // namespace pollux::sample_api
