// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/pace/asked_to_wait.hpp"

#include <gtest/gtest.h>

#include "base/units.hpp"

namespace pollux::fetch {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
const Time kNow = *parse_time("2026-01-02T03:04:05Z");
const std::string kEpoch = std::to_string(kNow.time_since_epoch() / seconds(1) + 90);

std::optional<Millis> wait(int status, net::Headers headers) {
  auto asked = asked_to_wait(status, headers, kNow);
  // Whatever it reads has to be among what it says that it reads.
  std::erase_if(headers, [](const auto& header) { return tells_when_to_come_back(header.first); });
  EXPECT_FALSE(asked_to_wait(status, headers, kNow));
  return asked ? std::optional(asked->until - kNow) : std::nullopt;
}

TEST(AskedToWait, obeys_retry_after_where_the_status_means_too_much) {
  for (int status : {403, 429, 503}) EXPECT_EQ(wait(status, {{"retry-after", "7"}}), seconds(7)) << status;
  for (int status : {200, 301, 404, 500})
    EXPECT_EQ(wait(status, {{"Retry-After", "7"}}), std::nullopt) << status;
  EXPECT_EQ(wait(429, {{"Retry-After", "Fri, 02 Jan 2026 03:05:05 GMT"}}), seconds(60));
  EXPECT_EQ(wait(429, {{"Retry-After", "0"}}), std::nullopt);
  EXPECT_EQ(wait(429, {{"Retry-After", "9999999"}}), hours(24));
}

TEST(AskedToWait, reads_the_three_headers_of_the_first_drafts_on_any_answer) {
  EXPECT_EQ(
      wait(200,
           {{"RateLimit-Limit", "100, 100;w=60"}, {"RateLimit-Remaining", "0"}, {"RateLimit-Reset", "50"}}),
      seconds(50));
  EXPECT_EQ(wait(200, {{"RateLimit-Remaining", "1"}, {"RateLimit-Reset", "50"}}), std::nullopt);
  EXPECT_EQ(wait(200, {{"RateLimit-Remaining", "0"}}), std::nullopt) << "nobody says until when";
}

TEST(AskedToWait, reads_the_one_header_of_the_drafts_from_3_to_7) {
  EXPECT_EQ(wait(200, {{"RateLimit", "limit=100, remaining=0, reset=50"}}), seconds(50));
  EXPECT_EQ(wait(200, {{"RateLimit", "limit=100, remaining=10, reset=50"}}), std::nullopt);
}

TEST(AskedToWait, reads_the_structured_header_since_draft_8) {
  EXPECT_EQ(wait(200, {{"RateLimit", R"("default";r=0;t=30)"}}), seconds(30));
  EXPECT_EQ(wait(200, {{"RateLimit", R"("default";r=50;t=30)"}}), std::nullopt);
  EXPECT_EQ(wait(200, {{"RateLimit", R"("burst";r=5;t=1, "per,day;r=0";r=0;t=3600)"}}), hours(1));
  EXPECT_EQ(wait(200, {{"RateLimit", R"("a\",b";r=0;t=30)"}, {"RateLimit", R"("c";r=0;t=40)"}}), seconds(40));
}

TEST(AskedToWait, tells_an_epoch_from_seconds_and_milliseconds_by_its_size) {
  auto with = [](std::string reset) {
    return wait(403, {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", std::move(reset)}});
  };
  EXPECT_EQ(with(kEpoch), seconds(90)) << "GitHub";
  EXPECT_EQ(with(kEpoch + "000"), seconds(90));
  EXPECT_EQ(with(kEpoch + ".500"), Millis(90'500)) << "Discord";
  EXPECT_EQ(with("90"), seconds(90));
  EXPECT_EQ(with("0.25"), Millis(250));
  EXPECT_EQ(with("2026-01-02T03:05:35Z"), seconds(90));
  EXPECT_EQ(with("Fri, 02 Jan 2026 03:05:35 GMT"), seconds(90));
  EXPECT_EQ(wait(200, {{"X-Rate-Limit-Remaining", "0"}, {"X-Rate-Limit-Reset", kEpoch}}), seconds(90));
}

TEST(AskedToWait, measures_a_moment_by_the_clock_that_named_it) {
  EXPECT_EQ(wait(200, {{"Date", "Fri, 02 Jan 2026 03:05:05 GMT"},
                       {"X-RateLimit-Remaining", "0"},
                       {"X-RateLimit-Reset", kEpoch}}),
            seconds(30));
}

TEST(AskedToWait, and_the_wait_before_a_retry_go_by_one_clock) {
  const Time theirs = kNow + std::chrono::minutes(5);
  const net::Headers headers{{"Date", format_http_date(theirs)},
                             {"Retry-After", format_http_date(theirs + seconds(10))}};
  EXPECT_EQ(wait(503, headers), seconds(10));
  EXPECT_EQ(retry_after(headers, kNow), seconds(10));
  EXPECT_EQ(retry_after({{"Retry-After", "0"}}, kNow), Millis(0));
  EXPECT_EQ(retry_after({}, kNow), std::nullopt);
}

TEST(AskedToWait, takes_the_longest_of_several_and_says_which) {
  auto asked = asked_to_wait(
      429, {{"Retry-After", "5"}, {"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "60"}}, kNow);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->until, kNow + seconds(60));
  EXPECT_EQ(asked->how, "X-RateLimit-Reset");
}

TEST(AskedToWait, finds_nothing_in_what_is_none_of_these) {
  for (const char* text :
       {"", " ", "soon", "-5", "0", "1e3", "12 parsecs", "9.9.9", "\"", "99999999999999999999x"})
    EXPECT_EQ(wait(429, {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", text}}), std::nullopt) << text;
  for (const char* text : {"", ",,;;", "r=0", "\"a;r=0;t=5", "a;r=;t=5", "remaining=0", "\\"})
    EXPECT_EQ(wait(200, {{"RateLimit", text}}), std::nullopt) << text;
}

}  // namespace
}  // namespace pollux::fetch
