// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/pace/retry.hpp"

#include <gtest/gtest.h>

namespace pollux::fetch {
namespace {

using std::chrono::seconds;
const Time kNow = *parse_time("2026-01-02T03:04:05Z");
const config::RetryPolicy kPolicy{4, Millis(500), seconds(30)};

Error with(Retry retry) { return {ErrorKind::kStatus, "503", retry, {}}; }

TEST(WaitBeforeRetry, doubles_the_ceiling_and_takes_a_random_part_of_it) {
  EXPECT_EQ(wait_before_retry(kPolicy, 1, with(Retry::later()), 1.0), Millis(500));
  EXPECT_EQ(wait_before_retry(kPolicy, 2, with(Retry::later()), 1.0), Millis(1000));
  EXPECT_EQ(wait_before_retry(kPolicy, 3, with(Retry::later()), 0.5), Millis(1000));
  EXPECT_EQ(wait_before_retry(kPolicy, 1, with(Retry::later()), 0.0), Millis(0));
}

TEST(WaitBeforeRetry, never_waits_longer_than_the_ceiling_however_often_it_failed) {
  config::RetryPolicy patient{1'000'000, Millis(500), seconds(30)};
  EXPECT_EQ(wait_before_retry(patient, 999'999, with(Retry::later()), 1.0), seconds(30));
}

TEST(WaitBeforeRetry, gives_up_after_the_last_attempt_and_on_what_cannot_pass) {
  EXPECT_EQ(wait_before_retry(kPolicy, 4, with(Retry::later()), 0.5), std::nullopt);
  EXPECT_EQ(wait_before_retry(kPolicy, 1, with(Retry::never()), 0.5), std::nullopt);
}

TEST(WaitBeforeRetry, waits_as_long_as_the_peer_asked) {
  EXPECT_EQ(wait_before_retry(kPolicy, 1, with(Retry::after(seconds(7))), 0.1), seconds(7));
}

TEST(WaitBeforeRetry, gives_up_when_asked_to_stay_away_for_longer_than_a_run_may_wait) {
  EXPECT_EQ(wait_before_retry(kPolicy, 1, with(Retry::after(seconds(30))), 0.1), seconds(30));
  EXPECT_EQ(wait_before_retry(kPolicy, 1, with(Retry::after(seconds(31))), 0.1), std::nullopt);
}

TEST(WaitBeforeRetry, waits_as_long_as_it_was_asked_where_the_next_slot_leaves_room) {
  EXPECT_EQ(wait_before_retry(kPolicy, 1, with(Retry::after(seconds(120))), 0.1, seconds(121)), seconds(120));
  EXPECT_EQ(wait_before_retry(kPolicy, 1, with(Retry::after(seconds(120))), 0.1, seconds(120)), std::nullopt);
  EXPECT_EQ(wait_before_retry(kPolicy, 1, with(Retry::later()), 1.0, Millis(500)), std::nullopt);
  EXPECT_EQ(wait_before_retry(kPolicy, 1, with(Retry::later()), 1.0, Millis(-1)), std::nullopt);
}

TEST(WaitBeforeRetry, takes_retry_after_zero_for_the_usual_backoff) {
  EXPECT_EQ(wait_before_retry(kPolicy, 1, with(Retry::after(Millis(0))), 1.0), Millis(500));
}

TEST(ParseRetryAfter, reads_seconds_and_dates) {
  EXPECT_EQ(parse_retry_after("120", kNow), seconds(120));
  EXPECT_EQ(parse_retry_after("Fri, 02 Jan 2026 03:05:05 GMT", kNow), seconds(60));
  EXPECT_EQ(parse_retry_after("Fri, 02 Jan 2026 03:00:00 GMT", kNow), Millis(0));
  EXPECT_EQ(parse_retry_after("99999999999999999", kNow), std::chrono::hours(24));
}

TEST(ParseRetryAfter, refuses_what_is_neither) {
  for (auto text : {"", "soon", "-5", "12 parsecs", "1e3"})
    EXPECT_EQ(parse_retry_after(text, kNow), std::nullopt) << text;
}

TEST(ErrorOfStatus, is_none_for_a_whole_good_answer) {
  for (int status : {200, 201, 202, 203, 204}) EXPECT_FALSE(error_of_status(status, "h")) << status;
}

TEST(ErrorOfStatus, retries_only_what_may_pass) {
  for (int status : {408, 425, 429, 500, 502, 503, 504}) {
    EXPECT_EQ(error_of_status(status, "h")->retry, Retry::later()) << status;
  }
  for (int status : {206, 301, 400, 401, 403, 404, 410, 422, 501, 505}) {
    EXPECT_EQ(error_of_status(status, "h", seconds(5))->retry, Retry::never()) << status;
  }
  EXPECT_EQ(error_of_status(429, "h", seconds(5))->retry, Retry::after(seconds(5)));
}

}  // namespace
}  // namespace pollux::fetch
