// SPDX-License-Identifier: Apache-2.0
// What a session does when the API says no: holds, retries, breaker.
#include <gmock/gmock.h>

#include "base/units.hpp"
#include "poll/fetch/gated_session_test.hpp"

namespace pollux::fetch {
namespace {

using testing::HasSubstr;

TEST(SessionHolds, leave_the_whole_upstream_alone_for_as_long_as_it_asked) {
  int asked = 0;
  GatedSession f([&](const HttpRequest&) {
    return ++asked == 1 ? response(429, "", {{"Retry-After", "1"}}) : response(200, "{}");
  });
  EXPECT_FALSE(f.send());
  f.send_later("too soon", Millis(500));
  f.send_later("in time", seconds(20));
  f.run_until_done(1);
  ASSERT_EQ(f.done.size(), 1U);
  EXPECT_THAT(f.done[0], HasSubstr("too soon: not sent: api: asked to be left alone until "));
  EXPECT_THAT(f.done[0], HasSubstr("(Retry-After)"));
  EXPECT_EQ(asked, 1);
  f.run_until_done(2);
  EXPECT_EQ(f.done.back(), "in time");
  EXPECT_THAT(f.lines, testing::Contains(HasSubstr("api is left alone until")));
}

TEST(SessionHolds, obey_a_remainder_of_nothing_on_a_good_answer_and_after_a_restart) {
  GatedSession f([](const HttpRequest&) {
    return response(200, "{}", {{"RateLimit-Remaining", "0"}, {"RateLimit-Reset", "300"}});
  });
  f.keep_state();
  ASSERT_TRUE(f.send());
  EXPECT_EQ(f.send(seconds(60)).error().kind, ErrorKind::kLimited);
  f.restart();
  EXPECT_EQ(f.send(seconds(60)).error().kind, ErrorKind::kLimited);
  EXPECT_EQ(f.client.requests.size(), 1U);
}

TEST(SessionHolds, leave_it_alone_for_the_usual_backoff_where_a_429_says_nothing) {
  GatedSession f([](const HttpRequest&) { return response(429, ""); });
  f.upstream.retry = {1, seconds(100), seconds(100)};
  EXPECT_FALSE(f.send());
  EXPECT_EQ(f.send(seconds(30)).error().kind, ErrorKind::kLimited);
  EXPECT_EQ(f.client.requests.size(), 1U);
}

TEST(Complaint, dlt_4036_retry_after_zero_burned_every_attempt_at_once) {
  std::vector<std::chrono::steady_clock::time_point> asked;
  GatedSession f([&](const HttpRequest&) {
    asked.push_back(std::chrono::steady_clock::now());
    return response(429, "", {{"Retry-After", "0"}});
  });
  f.upstream.retry = {3, Millis(40), Millis(80)};
  f.chance = 1;
  EXPECT_FALSE(f.send());
  ASSERT_EQ(asked.size(), 3U);
  EXPECT_GE(asked[1] - asked[0], Millis(39));
  EXPECT_GE(asked[2] - asked[1], Millis(79));
}

TEST(SessionRetries, come_when_they_were_asked_to_though_the_two_clocks_differ) {
  int asked = 0;
  GatedSession* fixture = nullptr;
  GatedSession f([&](const HttpRequest&) {
    const Time theirs = fixture->clock.now() + std::chrono::minutes(5);
    const net::Headers words{{"Date", format_http_date(theirs)},
                             {"Retry-After", format_http_date(theirs + seconds(1))}};
    return ++asked == 1 ? response(503, "", words) : response(200, "{}");
  });
  fixture = &f;
  f.upstream.retry.attempts = 2;
  EXPECT_TRUE(f.send(seconds(20)));
  EXPECT_EQ(asked, 2);
}

TEST(SessionRetries, tell_every_attempt_and_what_came_back) {
  int asked = 0;
  GatedSession f([&](const HttpRequest&) -> Result<HttpResponse> {
    if (++asked == 3) return fail(ErrorKind::kTimeout, "api.example.gov took too long", Retry::later());
    return response(503, "");
  });
  f.upstream.retry.attempts = 4;
  auto answer = f.send();
  ASSERT_FALSE(answer);
  EXPECT_THAT(
      answer.error().message,
      testing::MatchesRegex("503 from api.example.gov after 4 attempts in .* \\(503, 503, timeout, 503\\)"));
  EXPECT_THAT(f.effort.failures, testing::ElementsAre("503", "503", "timeout", "503"));
}

TEST(SessionRetries, tell_what_failed_before_it_did_well) {
  int asked = 0;
  GatedSession f([&](const HttpRequest&) { return response(++asked < 3 ? 502 : 200, "{}"); });
  f.upstream.retry.attempts = 4;
  ASSERT_TRUE(f.send());
  EXPECT_EQ(f.effort.attempts, 3U);
  EXPECT_THAT(f.effort.failures, testing::ElementsAre("502", "502"));
}

TEST(SessionRetries, end_before_the_next_slot) {
  GatedSession f(down);
  f.upstream.retry = {9, seconds(100), seconds(100)};
  auto answer = f.send(seconds(20));
  ASSERT_FALSE(answer);
  EXPECT_EQ(f.client.requests.size(), 1U);
  EXPECT_EQ(answer.error().message, "503 from api.example.gov");
}

TEST(SessionRetries, never_repeat_a_post_that_nobody_called_safe) {
  GatedSession f(down);
  f.upstream.retry.attempts = 3;
  EXPECT_FALSE(f.send({}, false));
  EXPECT_EQ(f.client.requests.size(), 1U);
  EXPECT_FALSE(f.send({}, true));
  EXPECT_EQ(f.client.requests.size(), 4U);
}

TEST(SessionBreaker, leaves_an_upstream_alone_that_fails_again_and_again_and_says_since_when) {
  int status = 503;
  GatedSession f([&](const HttpRequest&) { return response(status, "{}"); });
  f.upstream.breaker = {3, Millis(2000), Millis(2000)};
  f.chance = 1;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(f.send().error().kind, ErrorKind::kStatus);
  auto refused = f.send(Millis(800));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kLimited);
  EXPECT_THAT(refused.error().message,
              testing::MatchesRegex("not sent: api is in trouble since .*, asked again at .*"));
  EXPECT_EQ(f.client.requests.size(), 3U);
  status = 200;
  for (int i = 0; i < 3; ++i) f.send_later("ok", seconds(20));
  f.run_for(Millis(300));
  EXPECT_EQ(f.client.requests.size(), 3U);
  f.run_until_done(3);
  EXPECT_THAT(f.done, testing::ElementsAre("ok", "ok", "ok"));
  EXPECT_THAT(f.lines, testing::Contains(HasSubstr("api is in trouble: 3 failures in a row")));
  EXPECT_THAT(f.lines, testing::Contains(HasSubstr("api answers again")));
}

TEST(SessionBreaker, takes_answers_of_400_and_429_for_signs_of_life) {
  int asked = 0;
  GatedSession f([&](const HttpRequest&) { return response(++asked % 3 == 0 ? 404 : 500, ""); });
  f.upstream.breaker = {3, seconds(100), seconds(100)};
  for (int i = 0; i < 12; ++i) EXPECT_EQ(f.send().error().kind, ErrorKind::kStatus);
  EXPECT_EQ(asked, 12);
}

// The API has not heard of what never left: neither its breaker nor its limits do.
TEST(SessionBreaker, holds_an_egress_proxy_that_is_away_against_no_upstream) {
  bool away = true;
  GatedSession f([&](const HttpRequest&) -> Result<HttpResponse> {
    if (away) return fail(ErrorKind::kProxy, "the egress proxy could not be reached", Retry::later());
    return response(200, "{}");
  });
  f.upstream.breaker = {3, seconds(100), seconds(100)};
  f.upstream.limits = {{1, config::Limit::Per::kMonth, true}};
  for (int i = 0; i < 6; ++i) EXPECT_EQ(f.send(seconds(60)).error().kind, ErrorKind::kProxy);
  away = false;
  EXPECT_TRUE(f.send(seconds(60)));
  EXPECT_EQ(f.send(seconds(60)).error().kind, ErrorKind::kLimited) << "what did leave is counted";
}

TEST(SessionBreaker, does_not_let_a_run_try_again_what_is_known_to_be_in_trouble) {
  GatedSession f(down);
  f.upstream.retry.attempts = 9;
  f.upstream.breaker = {3, seconds(100), seconds(100)};
  auto answer = f.send();
  ASSERT_FALSE(answer);
  EXPECT_EQ(f.client.requests.size(), 3U);
  EXPECT_EQ(answer.error().kind, ErrorKind::kStatus);
  EXPECT_THAT(answer.error().message, HasSubstr("not tried again: not sent: api is in trouble since"));
}

}  // namespace
}  // namespace pollux::fetch
