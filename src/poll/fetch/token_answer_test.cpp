// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/token_answer.hpp"

#include <gtest/gtest.h>

namespace pollux::fetch {
namespace {

using std::chrono::seconds;

seconds lifetime_with(const std::string& expires_in) {
  return parse_token_answer(R"({"access_token":"t","expires_in":)" + expires_in + "}", "h").value().lifetime;
}

TEST(TokenAnswer, holds_the_refresh_token_that_came_with_it) {
  auto answer = parse_token_answer(R"({"access_token":"t","refresh_token":"r"})", "h");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->refresh_token, Secret("r"));
  EXPECT_FALSE(parse_token_answer(R"({"access_token":"t","refresh_token":null})", "h")->refresh_token);
  EXPECT_FALSE(parse_token_answer(R"({"access_token":"t","refresh_token":""})", "h")->refresh_token);
}

TEST(TokenAnswer, has_no_token_that_would_split_a_header) {
  EXPECT_FALSE(parse_token_answer(R"({"access_token":"a\r\nX-Evil: 1"})", "h"));
  EXPECT_FALSE(parse_token_answer(R"({"access_token":"a\u0000b"})", "h"));
  EXPECT_FALSE(parse_token_answer(R"({"access_token":"é"})", "h"));
}

TEST(Complaint, airbyte_28311_expires_in_was_ignored) {
  EXPECT_EQ(lifetime_with("90"), seconds(90));
  EXPECT_EQ(lifetime_with("\"3600\""), seconds(3600));
  EXPECT_EQ(lifetime_with("1799.9"), seconds(1799));
  EXPECT_EQ(lifetime_with("0.2"), seconds(1));
  EXPECT_EQ(lifetime_with("1e300"), seconds(30 * 24 * 3600));
  EXPECT_EQ(lifetime_with("18446744073709551615"), seconds(30 * 24 * 3600));
  EXPECT_EQ(lifetime_with("\"1e999\""), seconds(30 * 24 * 3600));
  for (const char* senseless :
       {"0", "-1", "-1e300", "null", "true", "{}", "\"\"", "\"soon\"", "\"nan\"", "\"-inf\""}) {
    EXPECT_EQ(lifetime_with(senseless), seconds(3600)) << senseless;
  }
  EXPECT_EQ(parse_token_answer(R"({"access_token":"t"})", "h")->lifetime, seconds(3600));
}

TEST(TokenAnswer, is_renewed_a_tenth_before_its_end_and_at_most_a_minute) {
  EXPECT_EQ(renew_after(seconds(1)), Millis(900));
  EXPECT_EQ(renew_after(seconds(300)), seconds(270));
  EXPECT_EQ(renew_after(seconds(3600)), seconds(3540));
}

TEST(TokenAnswer, names_an_error_only_from_the_list_of_the_rfc) {
  EXPECT_EQ(oauth_error_name(R"({"error":"invalid_grant","error_description":"secret words"})"),
            "invalid_grant");
  for (const char* body :
       {"", "<html>", "[]", R"({"error":"hunter22"})", R"({"error":{"code":1}})", R"({"e":1})"}) {
    EXPECT_EQ(oauth_error_name(body), "") << body;
  }
}

}  // namespace
}  // namespace pollux::fetch
