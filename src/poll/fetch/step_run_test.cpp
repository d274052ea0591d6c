// SPDX-License-Identifier: Apache-2.0
// Other formats and conditional requests.
#include "poll/fetch/step_run_test.hpp"

#include <gmock/gmock.h>

namespace pollux::fetch {
namespace {

using net::HttpRequest;
using net::HttpResponse;
using test::response;

TEST_F(StepRun, asks_conditionally_once_it_knows_what_to_ask_with) {
  answer_ = [](const HttpRequest& r) -> Result<HttpResponse> {
    for (const auto& [name, value] : r.headers) {
      if (name == "If-None-Match" && value == "\"v1\"") return response(304, "");
    }
    return response(200, "[1]", {{"ETag", "\"v1\""}});
  };
  auto first = fetch();
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->not_modified);
  auto second = fetch();
  ASSERT_TRUE(second) << second.error().text();
  EXPECT_TRUE(second->not_modified);
  EXPECT_TRUE(second->answers.empty());
  EXPECT_EQ(second->validators, first->validators);
  // Another question: the old tag says nothing about it.
  step().query = {{"lang", {{std::string("de")}}}};
  EXPECT_FALSE(fetch()->not_modified);
  step().conditional = false;
  EXPECT_FALSE(fetch()->not_modified);
  EXPECT_EQ(effort_.attempts, 1U);
}

TEST_F(StepRun, asks_for_the_whole_of_what_has_not_changed_where_something_else_has) {
  poll_.steps.push_back(step());
  poll_.steps[0].name = "a";
  poll_.steps[1].name = "b";
  poll_.steps[1].path = {{std::string("/other")}};
  std::string tag = "\"v1\"";
  answer_ = [&tag](const HttpRequest& r) -> Result<HttpResponse> {
    const std::string mine = r.url.ends_with("/other") ? tag : "\"v1\"";
    for (const auto& [name, value] : r.headers) {
      if (name == "If-None-Match" && value == mine) return response(304, "");
    }
    return response(200, "[" + mine + "]", {{"ETag", mine}});
  };
  ASSERT_TRUE(fetch());
  EXPECT_TRUE(fetch()->not_modified);
  tag = "\"v2\"";
  auto fetched = fetch();
  ASSERT_TRUE(fetched) << fetched.error().text();
  EXPECT_FALSE(fetched->not_modified);
  EXPECT_EQ(fetched->answers[0].body, R"(["v1"])");
  EXPECT_EQ(fetched->answers[1].body, R"(["v2"])");
  EXPECT_EQ(effort_.attempts, 3U);
  EXPECT_EQ(fetched->validators.at("b").etag, "\"v2\"");
}

TEST_F(StepRun, does_not_believe_a_304_that_nobody_asked_for) {
  answer_ = [](const HttpRequest&) { return Result<HttpResponse>(response(304, "")); };
  EXPECT_EQ(failure(), "304 from api.test");
  step().headers = {{"If-None-Match", {{std::string("\"mine\"")}}}};
  EXPECT_EQ(failure(), "304 from api.test, which was asked for the whole");
}

TEST_F(StepRun, asks_for_the_whole_of_everything_where_one_step_has_nothing_to_ask_with) {
  poll_.steps.push_back(step());
  poll_.steps[0].name = "a";
  poll_.steps[1].name = "b";
  answer_ = [](const HttpRequest& r) -> Result<HttpResponse> {
    bool conditional = std::ranges::any_of(r.headers, [](auto& h) { return h.first == "If-None-Match"; });
    return conditional ? response(304, "") : response(200, "[1]", {{"ETag", "\"v1\""}});
  };
  ASSERT_TRUE(fetch());
  asked_.validators.erase("b");
  auto fetched = fetch();
  ASSERT_TRUE(fetched);
  EXPECT_FALSE(fetched->not_modified);
  EXPECT_EQ(effort_.attempts, 2U);
}

TEST_F(StepRun, judges_html_as_json_whatever_it_calls_itself) {
  answer_ = [](const HttpRequest&) -> Result<HttpResponse> {
    return response(200, "<html>", {{"Content-Type", "text/html"}});
  };
  auto fetched = fetch();
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->answers[0].format, config::Format::kJson) << "and so the check after this refuses it";
}

TEST(Complaint, flat_25_no_change_was_treated_as_an_error) {
  Steps f;
  f.answer_ = [](const HttpRequest& r) -> Result<HttpResponse> {
    bool conditional = std::ranges::any_of(r.headers, [](auto& h) { return h.first == "If-None-Match"; });
    return conditional ? response(304, "") : response(200, "[1]", {{"ETag", "W/\"v1\""}});
  };
  ASSERT_TRUE(f.fetch());
  for (int run = 0; run < 3; ++run) {
    auto again = f.fetch();
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_TRUE(again->not_modified);
    EXPECT_EQ(f.effort_.attempts, 1U) << "and it is not tried again";
  }
}

}  // namespace
}  // namespace pollux::fetch
