// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/s3_retry.hpp"

#include <gtest/gtest.h>

namespace pollux::publish {
namespace {

using std::chrono::seconds;

S3Outcome status(int code, std::string_view word = "") { return {code, word, {}, {}}; }

TEST(S3Retry, tries_again_what_can_pass_and_nothing_else) {
  for (int code : {500, 502, 503, 504, 429, 409}) EXPECT_TRUE(s3_passing(status(code))) << code;
  for (int code : {400, 401, 403, 404, 405, 411, 412, 301, 307})
    EXPECT_FALSE(s3_passing(status(code))) << code;
  EXPECT_TRUE(s3_passing(status(400, "RequestTimeout")));
  EXPECT_TRUE(s3_passing({0, "", Retry::later(), {}}));
  EXPECT_FALSE(s3_passing({0, "", Retry::never(), {}}));
}

TEST(S3Retry, doubles_its_bound_up_to_the_longest) {
  S3RetryRules rules{20, Millis(200), seconds(5), seconds(20)};
  EXPECT_EQ(s3_next_attempt(rules, 1, status(503), 1.0), Millis(200));
  EXPECT_EQ(s3_next_attempt(rules, 2, status(503), 1.0), Millis(400));
  EXPECT_EQ(s3_next_attempt(rules, 5, status(503), 1.0), Millis(3200));
  EXPECT_EQ(s3_next_attempt(rules, 6, status(503), 1.0), seconds(5));
  EXPECT_EQ(s3_next_attempt(rules, 19, status(503), 1.0), seconds(5));
}

TEST(S3Retry, waits_anything_between_nothing_and_the_bound) {
  EXPECT_EQ(s3_next_attempt({}, 3, status(503), 0.0), Millis(0));
  EXPECT_EQ(s3_next_attempt({}, 3, status(503), 0.5), Millis(400));
}

TEST(S3Retry, gives_up_after_the_last_attempt) {
  EXPECT_TRUE(s3_next_attempt({}, 3, status(503), 0.5));
  EXPECT_EQ(s3_next_attempt({}, 4, status(503), 0.5), std::nullopt);
}

TEST(S3Retry, waits_as_long_as_it_is_asked_but_never_beyond_its_limit) {
  EXPECT_EQ(s3_next_attempt({}, 1, {503, "", {}, seconds(3)}, 0.0), seconds(3));
  EXPECT_EQ(s3_next_attempt({}, 1, {503, "", {}, seconds(0)}, 0.5), Millis(100))
      << "an asked 0 is no leave to hurry";
  EXPECT_EQ(s3_next_attempt({}, 1, {503, "", {}, seconds(21)}, 0.0), std::nullopt);
  EXPECT_EQ(s3_next_attempt({}, 1, {0, "", Retry::after(seconds(2)), {}}, 0.0), seconds(2));
}

TEST(S3Retry, reads_retry_after_in_seconds_only) {
  EXPECT_EQ(retry_after("7"), seconds(7));
  for (const char* text : {"", "-1", "7s", "Sun, 06 Nov 1994 08:49:37 GMT", "99999999999999"}) {
    EXPECT_EQ(retry_after(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace pollux::publish
