// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/clock_skew.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/units.hpp"
#include "poll/fetch/session_test.hpp"

namespace pollux::fetch {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using test::response;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const Time kNow{seconds(1'767'225'600)};

std::optional<Millis> skew_of(Millis ahead, Millis took = Millis(0), std::string_view age = "") {
  return clock_skew(format_http_date(kNow + ahead), age, kNow - took, kNow);
}

TEST(ClockSkew, is_told_from_two_minutes_on) {
  EXPECT_EQ(skew_of(minutes(7)), minutes(7));
  EXPECT_EQ(skew_of(-minutes(7)), -minutes(7) + seconds(1));
  EXPECT_EQ(skew_of(seconds(120)), Millis(0));
  EXPECT_EQ(skew_of(-seconds(121)), Millis(0));
  EXPECT_EQ(skew_of(Millis(0)), Millis(0));
}

TEST(ClockSkew, allows_for_the_time_that_the_request_took) {
  // Written when the request came, and received three minutes later.
  EXPECT_EQ(skew_of(-minutes(3), minutes(3)), Millis(0));
  EXPECT_EQ(skew_of(-minutes(9), minutes(3)), -minutes(6) + seconds(1));
}

TEST(ClockSkew, allows_for_the_age_of_an_answer_from_a_cache) {
  EXPECT_EQ(skew_of(-minutes(30), Millis(0), "1800"), Millis(0));
  EXPECT_EQ(skew_of(-minutes(30), Millis(0), "x"), -minutes(30) + seconds(1));
  EXPECT_EQ(skew_of(Millis(0), Millis(0), "99999999999999999999"), Millis(0));
}

TEST(ClockSkew, is_not_known_without_a_date) {
  EXPECT_EQ(clock_skew("", "", kNow, kNow), std::nullopt);
  EXPECT_EQ(clock_skew("yesterday", "", kNow, kNow), std::nullopt);
}

TEST(ClockSkew, has_words) {
  EXPECT_EQ(describe_skew(minutes(7)), "7 min behind");
  EXPECT_EQ(describe_skew(-seconds(170)), "3 min ahead of");
  EXPECT_EQ(describe_skew(std::chrono::hours(5)), "5 h behind");
  EXPECT_EQ(describe_skew(-std::chrono::days(400)), "400 days ahead of");
}

TEST(ClockSkew, is_believed_when_two_answers_tell_the_same_and_said_once) {
  SkewWatch watch;
  EXPECT_FALSE(watch.step(minutes(7), "1", "/"));
  EXPECT_TRUE(watch.step(minutes(7) + seconds(3), "2", "/"));
  EXPECT_FALSE(watch.step(minutes(7), "3", "/"));
  EXPECT_FALSE(watch.step(Millis(0), "4", "/"));
  EXPECT_FALSE(watch.step(minutes(7), "5", "/"));
  EXPECT_TRUE(watch.step(minutes(7), "6", "/")) << "it went wrong again";
}

TEST(ClockSkew, is_not_believed_of_a_cache_whose_answers_grow_old) {
  SkewWatch watch;
  for (int i = 1; i < 20; ++i) EXPECT_FALSE(watch.step(-minutes(5 * i), std::to_string(i), "/"));
}

TEST(ClockSkew, is_not_believed_of_one_cached_answer_that_came_twice) {
  SkewWatch watch;
  const std::string date = "Fri, 02 Jan 2026 11:30:00 GMT";
  EXPECT_FALSE(watch.step(-minutes(30), date, "/data"));
  EXPECT_FALSE(watch.step(-minutes(30) - seconds(30), date, "/data"));
  EXPECT_TRUE(watch.step(-minutes(30), "Fri, 02 Jan 2026 11:31:00 GMT", "/data")) << "another witness";
}

TEST(ClockSkew, is_believed_of_a_token_and_an_answer_of_the_same_second) {
  SkewWatch watch;
  const std::string date = "Fri, 02 Jan 2026 11:30:00 GMT";
  EXPECT_FALSE(watch.step(-minutes(7), date, "/token"));
  EXPECT_TRUE(watch.step(-minutes(7), date, "/data"));
}

TEST(ClockSkew, is_logged_once_with_the_host_that_knows_better) {
  const auto date = format_http_date(kNow + minutes(7));
  SessionFixture f(
      [&](const auto&) { return response(200, R"({"access_token":"token-1"})", {{"Date", date}}); },
      oauth2_client());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(f.send());
  ASSERT_EQ(f.lines.size(), 1U);
  EXPECT_THAT(f.lines[0], HasSubstr("the clock of this machine is 7 min behind api.example.gov's: tokens and "
                                    "signatures may be refused"));
  EXPECT_THAT(f.lines[0], HasSubstr(R"("level":"warning")"));
}

TEST(ClockSkew, is_named_when_a_token_is_refused_and_at_once) {
  const auto date = format_http_date(kNow - minutes(20));
  SessionFixture f(
      [&](const auto&) { return response(400, R"({"error":"invalid_grant"})", {{"Date", date}}); },
      oauth2_client());
  auto answer = f.send();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kUnauthorized);
  EXPECT_THAT(
      answer.error().message,
      HasSubstr("no token: 400 from login.example.gov (invalid_grant); the clock of this machine is 20 min "
                "ahead of login.example.gov's, which may be the reason"));
}

TEST(ClockSkew, has_nothing_to_do_with_a_key_that_is_refused) {
  const auto date = format_http_date(kNow - minutes(20));
  SessionFixture f([&](const auto&) { return response(401, "", {{"Date", date}}); },
                   config::BearerAuth{Secret("tttttt")});
  auto answer = f.send();
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, Not(HasSubstr("clock")));
  EXPECT_THAT(f.lines, IsEmpty());
}

}  // namespace
}  // namespace pollux::fetch
