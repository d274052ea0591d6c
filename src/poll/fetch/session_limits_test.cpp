// SPDX-License-Identifier: Apache-2.0
// Declared limits, as a session keeps them.
#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include "poll/fetch/gated_session_test.hpp"

namespace pollux::fetch {
namespace {

using config::Limit;
using testing::HasSubstr;
using Per = Limit::Per;

// To the beginning of the next second, so that what a test does fits into one.
void await_new_second(GatedSession& f) {
  auto into = f.clock.now().time_since_epoch() % seconds(1);
  f.clock.wall += seconds(1) - into;
}

TEST(SessionLimits, let_as_many_leave_as_the_window_takes_and_the_others_wait_for_the_next) {
  std::vector<Time> sent;
  GatedSession* fixture = nullptr;
  GatedSession f([&](const HttpRequest&) -> Result<HttpResponse> {
    sent.push_back(fixture->clock.now());
    return response(200, "{}");
  });
  fixture = &f;
  f.upstream.limits = {{2, Per::kSecond}};
  await_new_second(f);
  for (int i = 0; i < 5; ++i) f.send_later("x", seconds(30));
  f.run_until_done(5);
  ASSERT_EQ(sent.size(), 5U);
  for (std::size_t i = 0; i + 2 < sent.size(); ++i)
    EXPECT_NE(sent[i].time_since_epoch() / seconds(1), sent[i + 2].time_since_epoch() / seconds(1));
}

TEST(SessionLimits, say_at_once_when_the_wait_would_go_beyond_the_next_slot) {
  GatedSession f(well);
  f.upstream.limits = {{1, Per::kMonth, true}};
  ASSERT_TRUE(f.send());
  auto second = f.send(seconds(60));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kLimited);
  EXPECT_EQ(second.error().retry, Retry::never());
  EXPECT_THAT(second.error().message, HasSubstr("not sent: api: 1/month sliding is used up until "));
  EXPECT_THAT(second.error().message, HasSubstr("; the next slot is at "));
  EXPECT_EQ(f.client.requests.size(), 1U);
}

TEST(SessionLimits, count_retries_too) {
  GatedSession f(down);
  f.upstream.retry.attempts = 5;
  f.upstream.limits = {{2, Per::kMonth, true}};
  auto answer = f.send(seconds(60));
  ASSERT_FALSE(answer);
  EXPECT_EQ(f.client.requests.size(), 2U);
  EXPECT_EQ(answer.error().kind, ErrorKind::kStatus) << "what came back is the reason, not the limit";
  EXPECT_THAT(answer.error().message, testing::MatchesRegex("503 from api.example.gov after 2 attempts in .*"
                                                            "\\(503, 503\\); not tried again: not sent: api: "
                                                            "2/month sliding is used up until .*"));
}

TEST(SessionLimits, serve_whose_slot_comes_sooner_first_and_then_who_came_first) {
  GatedSession f(well);
  f.upstream.limits = {{3, Per::kSecond}};
  f.upstream.concurrency = 1;
  await_new_second(f);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(f.send());
  f.send_later("tomorrow", std::chrono::hours(20));
  f.send_later("an hour", std::chrono::hours(1));
  f.send_later("a minute", std::chrono::minutes(1));
  f.run_until_done(3);
  EXPECT_THAT(f.done, testing::ElementsAre("a minute", "an hour", "tomorrow"));
}

TEST(SessionLimits, end_the_wait_of_those_whose_slot_comes_before_the_next_window) {
  GatedSession f(well);
  f.upstream.limits = {{1, Per::kSecond}};
  await_new_second(f);
  ASSERT_TRUE(f.send());
  f.send_later("first", Millis(1900));
  f.send_later("second", Millis(1950));
  f.run_until_done(2);
  EXPECT_THAT(f.done, testing::UnorderedElementsAre(
                          "first", testing::StartsWith("second: not sent: api: 1/second is used up until")));
}

TEST(SessionLimits, are_in_the_state_before_the_request_leaves) {
  std::vector<std::string> seen;
  GatedSession* fixture = nullptr;
  GatedSession f([&](const HttpRequest&) -> Result<HttpResponse> {
    auto saved = fixture->backend.get(limits_key("api"));
    seen.push_back(saved && *saved ? (*saved)->value : "nothing");
    return response(200, "{}");
  });
  fixture = &f;
  f.keep_state();
  f.upstream.limits = {{2, Per::kMonth, true}};
  ASSERT_TRUE(f.send());
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_THAT(seen[0], HasSubstr(R"("in_flight":[[)"));
  ASSERT_TRUE(f.send());
  f.restart();
  EXPECT_EQ(f.send(seconds(60)).error().kind, ErrorKind::kLimited);
  EXPECT_EQ(f.client.requests.size(), 2U);
}

class BrokenBackend final : public state::Backend {
 public:
  Result<std::optional<state::Entry>> get(const std::string&) override { return std::nullopt; }
  Result<std::vector<std::pair<std::string, state::Entry>>> list(const std::string&) override { return {}; }
  std::vector<Result<void>> apply(std::span<const state::Batch> batches) override {
    return {batches.size(), fail(ErrorKind::kState, "the disk is full")};
  }
  Result<std::vector<state::HistoryRow>> history(const std::string&, std::size_t) override { return {}; }
  Result<std::size_t> forget_history(Time) override { return 0; }
};

TEST(SessionLimits, send_nothing_that_could_not_be_remembered) {
  GatedSession f(well);
  BrokenBackend broken;
  f.journal = std::make_unique<state::Journal>(broken);
  f.upstream.limits = {{1, Per::kMonth}};
  for (int i = 0; i < 3; ++i) {
    auto answer = f.send();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::kState);
    EXPECT_THAT(answer.error().message, HasSubstr("the disk is full"));
  }
  EXPECT_TRUE(f.client.requests.empty());
  f.journal.reset();
}

TEST(SessionLimits, cost_no_write_where_there_are_none) {
  GatedSession f(well);
  f.keep_state();
  ASSERT_TRUE(f.send());
  EXPECT_FALSE(*f.backend.get(limits_key("api")));
}

TEST(SessionLimits, follow_no_redirects_since_nobody_would_count_them) {
  GatedSession f([](const HttpRequest&) { return response(301, ""); });
  f.upstream.limits = {{5, Per::kMonth}};
  auto answer = f.send();
  ASSERT_FALSE(answer);
  EXPECT_EQ(f.client.requests[0].redirects, HttpRequest::Redirects::kNone);
  EXPECT_THAT(answer.error().message, HasSubstr("let the url be the final one"));
}

TEST(SessionLimits, give_the_turn_on_when_a_waiting_run_is_canceled) {
  GatedSession f(well);
  f.upstream.limits = {{1, Per::kSecond}};
  await_new_second(f);
  ASSERT_TRUE(f.send());
  asio::cancellation_signal signal;
  bool aborted = false;
  auto task = [](GatedSession& fixture) -> Task<> {
    Effort own;
    co_await fixture.session().send(GatedSession::request(), Manner{}, own);
  };
  asio::co_spawn(f.io, task(f), asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e) {
                   aborted = e != nullptr;
                 }));
  f.settle();
  f.send_later("next", seconds(20));
  f.settle();
  signal.emit(asio::cancellation_type::terminal);
  f.run_until_done(1);
  EXPECT_TRUE(aborted);
  EXPECT_THAT(f.done, testing::ElementsAre("next"));
  EXPECT_EQ(f.client.requests.size(), 2U);
}

// An API with a login whose tokens live for an hour.
struct Login {
  GatedSession* fixture = nullptr;
  int given = 0;
  int refused = 0;
  seconds given_at{0};
  Result<HttpResponse> operator()(const HttpRequest& request) {
    if (request.url.ends_with("/token")) {
      given_at = fixture->clock.aged;
      return response(200,
                      R"({"access_token":"token-)" + std::to_string(++given) + R"(","expires_in":3600})");
    }
    const bool fresh = fixture->clock.aged - given_at < seconds(3600);
    const bool named = std::ranges::any_of(request.headers, [&](const auto& header) {
      return header.second == "Bearer token-" + std::to_string(given);
    });
    if (fresh && named) return response(200, "{}");
    ++refused;
    return response(401, "");
  }
};

config::OAuth2Auth with_login() {
  config::OAuth2Auth auth;
  auth.token_url = "https://login.example.gov/token";
  auth.client_id = "id";
  auth.client_secret = Secret("the secret");
  return auth;
}

TEST(Complaint, airbyte_13660_token_ran_out_during_a_wait_for_the_limit) {
  Login login;
  GatedSession f(std::ref(login));
  login.fixture = &f;
  f.upstream.auth = with_login();
  f.upstream.limits = {{2, Per::kSecond}};
  f.upstream.concurrency = 1;  // the token's own requests need the place, and count
  await_new_second(f);
  ASSERT_TRUE(f.send());
  f.send_later("later", seconds(30));
  f.settle();
  f.clock.aged = seconds(4000);
  f.run_until_done(1);
  EXPECT_THAT(f.done, testing::ElementsAre("later"));
  EXPECT_EQ(login.given, 2);
  EXPECT_EQ(login.refused, 0);
  EXPECT_EQ(f.client.most_in_flight, 1);
}

TEST(SessionLimits, skip_a_run_at_once_though_another_with_more_time_is_asking_for_the_token) {
  Login login;
  GatedSession f(std::ref(login));
  login.fixture = &f;
  f.upstream.auth = with_login();
  f.upstream.limits = {{2, Per::kSecond}};
  await_new_second(f);
  ASSERT_TRUE(f.send());  // and the token's request
  f.clock.aged = seconds(4000);
  f.send_later("a day", std::chrono::hours(24));
  f.settle();
  f.send_later("soon", Millis(200));
  f.settle();
  EXPECT_THAT(f.done, testing::ElementsAre(HasSubstr("soon: not sent: api: 2/second is used up until ")));
  f.run_until_done(2);
  EXPECT_EQ(f.done.back(), "a day");
}

TEST(SessionRetries, of_a_token_that_one_has_no_time_for_are_left_to_those_that_have) {
  int asked = 0;
  GatedSession f([&](const HttpRequest& request) {
    if (!request.url.ends_with("/token")) return response(200, "{}");
    return ++asked == 1 ? response(503, "") : response(200, R"({"access_token":"token-1"})");
  });
  f.upstream.auth = with_login();
  f.upstream.retry = {3, seconds(100), seconds(100)};
  f.send_later("ten seconds", seconds(10));
  f.send_later("a day", std::chrono::hours(24));
  f.settle();
  EXPECT_THAT(f.done,
              testing::ElementsAre(HasSubstr("ten seconds: no token: 503 from login.example.gov"), "a day"));
}

}  // namespace
}  // namespace pollux::fetch
