// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/call_center.hpp"

#include <gtest/gtest.h>

#include <set>

namespace pollux::sample_api {
namespace {

using namespace std::chrono_literals;

class CallCenterTest : public testing::Test {
 protected:
  net::ServerResponse ask_token(const std::string& body) {
    net::ServerRequest request;
    request.method = "POST";
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = body;
    return center_.token(request);
  }
  net::ServerResponse wait(const std::string& rest, const std::string& token) {
    net::ServerRequest request;
    request.method = "GET";
    request.path = std::string(kQueuesPath) + rest;
    request.headers = {{"authorization", "Bearer " + token}};
    return center_.wait_time(request);
  }
  std::string token() {
    ask_token("grant_type=client_credentials&client_id=sample-client&client_secret=sample-client-secret");
    return center_.issued().back();
  }

  static Options options() {
    Options out;
    out.expires_in = 60s;
    out.fixed = true;
    return out;
  }

  Options options_ = options();
  FixedClock clock_{Time(1732500000s)};
  CallCenter center_{options_, clock_};
};

TEST_F(CallCenterTest, gives_a_token_to_its_client_and_to_no_other) {
  EXPECT_EQ(
      ask_token("grant_type=client_credentials&client_id=sample-client&client_secret=sample-client-secret")
          .status,
      200);
  EXPECT_EQ(ask_token("grant_type=client_credentials&client_id=sample-client&client_secret=wrong").status,
            401);
  EXPECT_EQ(ask_token("grant_type=password").status, 400);
  EXPECT_EQ(center_.issued().size(), 1U);
}

TEST_F(CallCenterTest, answers_as_the_real_one_does) {
  EXPECT_EQ(wait("en-queue/mediatypes/call/estimatedwaittime", token()).body,
            R"({"results":[{"intent":"CALL","formula":"ABANDON","estimatedWaitTimeSeconds":167}]})");
  EXPECT_NE(wait("sp-queue/mediatypes/call/estimatedwaittime", token()).body.find(":20}"), std::string::npos);
  EXPECT_EQ(wait("idle-queue/mediatypes/chat/estimatedwaittime", token()).body, R"({"results":[]})");
  EXPECT_EQ(wait("fr-queue/mediatypes/call/estimatedwaittime", token()).status, 404);
  EXPECT_EQ(wait("en-queue/mediatypes/fax/estimatedwaittime", token()).status, 404);
}

TEST_F(CallCenterTest, refuses_a_token_that_is_unknown_or_has_ended) {
  std::string known = token();
  EXPECT_EQ(wait("en/mediatypes/call/estimatedwaittime", "made-up").status, 401);
  clock_.advance(59s);
  EXPECT_EQ(wait("en/mediatypes/call/estimatedwaittime", known).status, 200);
  clock_.advance(1s);
  EXPECT_EQ(wait("en/mediatypes/call/estimatedwaittime", known).status, 401);
}

TEST_F(CallCenterTest, numbers_change_over_time_and_stay_reasonable) {
  std::set<int> seen;
  for (int second = 0; second < 600; second += 10) {
    int value = wait_seconds(false, false, clock_.now() + std::chrono::seconds(second), false);
    EXPECT_GT(value, 60);
    EXPECT_LT(value, 300);
    seen.insert(value);
  }
  EXPECT_GT(seen.size(), 20U);
}

}  // namespace
}  // namespace pollux::sample_api
