// SPDX-License-Identifier: Apache-2.0
// The session's gate: limits, breaker and retries of an upstream, with real waits of at most a few seconds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "log/logger.hpp"
#include "poll/fetch/upstream_session.hpp"
#include "state/journal.hpp"
#include "state/memory.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::fetch {
namespace {

using config::Limit;
using net::HttpRequest;
using net::HttpResponse;
using std::chrono::seconds;
using test::response;
using testing::HasSubstr;
using Per = Limit::Per;

// Wall time as it is; steady time also moves as the test says, so that tokens grow old at once.
class AgingClock final : public Clock {
 public:
  Time now() const override { return real_.now() + wall; }
  std::chrono::steady_clock::time_point steady() const override { return real_.steady() + aged; }
  Millis wall{0};
  seconds aged{0};

 private:
  SystemClock real_;
};

struct Fixture {
  explicit Fixture(test::FakeHttpClient::Answer answer) : client(std::move(answer)) {
    upstream.name = "api";
    upstream.url = "https://api.example.gov";
    upstream.retry = {1, Millis(1), Millis(1)};
  }
  UpstreamSession& session() {
    if (!made)
      made = std::make_unique<UpstreamSession>(
          upstream, SessionParts{client, clock, redactor, [this] { return chance; }, journal.get(), &logger});
    return *made;
  }
  void keep_state() { journal = std::make_unique<state::Journal>(backend); }
  void restart() {
    made.reset();
    auto saved = backend.get(limits_key("api"));
    ASSERT_TRUE(saved && *saved);
    ASSERT_TRUE(session().restore((*saved)->value));
  }
  static HttpRequest request(const std::string& method = "GET") {
    HttpRequest out;
    out.method = method;
    out.url = "https://api.example.gov/data";
    return out;
  }
  Result<HttpResponse> send(std::optional<Millis> room = {}, bool repeatable = true) {
    Manner manner{repeatable, room ? std::optional(clock.now() + *room) : std::nullopt};
    return test::run_task(io, session().send(request(), manner, effort));
  }
  // Begins now, ends while another task runs.
  void send_later(std::string name, Millis room) {
    auto task = [](Fixture& f, std::string who, Manner manner) -> Task<> {
      Effort own;
      auto answer = co_await f.session().send(request(), manner, own);
      f.done.push_back(who + (answer ? "" : ": " + answer.error().message));
    };
    asio::co_spawn(io, task(*this, std::move(name), Manner{true, clock.now() + room}), asio::detached);
  }
  void settle() {
    for (int i = 0; i < 100; ++i) io.poll();
    io.restart();
  }
  void run_for(Millis time) {
    io.restart();
    io.run_for(time);
    io.restart();
  }

  asio::io_context io;
  AgingClock clock;
  Redactor redactor;
  std::vector<std::string> lines;
  log::Logger logger{log::Level::kInfo, log::Logger::Format::kJson, redactor,
                     [this](log::Level, std::string_view line) { lines.emplace_back(line); }};
  double chance = 0.5;
  state::MemoryBackend backend;
  std::unique_ptr<state::Journal> journal;
  config::Upstream upstream;
  test::FakeHttpClient client;
  Effort effort;
  std::vector<std::string> done;
  std::unique_ptr<UpstreamSession> made;
};

Result<HttpResponse> well(const HttpRequest&) { return response(200, "{}"); }
Result<HttpResponse> down(const HttpRequest&) { return response(503, ""); }

// To the beginning of the next second, so that what a test does fits into one.
void await_new_second(Fixture& f) {
  auto into = f.clock.now().time_since_epoch() % seconds(1);
  f.clock.wall += seconds(1) - into;
}

TEST(SessionLimits, let_as_many_leave_as_the_window_takes_and_the_others_wait_for_the_next) {
  std::vector<Time> sent;
  Fixture* fixture = nullptr;
  Fixture f([&](const HttpRequest&) -> Result<HttpResponse> {
    sent.push_back(fixture->clock.now());
    return response(200, "{}");
  });
  fixture = &f;
  f.upstream.limits = {{2, Per::kSecond}};
  await_new_second(f);
  for (int i = 0; i < 5; ++i) f.send_later("x", seconds(30));
  f.run_for(Millis(100));
  EXPECT_EQ(f.done.size(), 2U);
  f.run_for(Millis(1500));
  EXPECT_EQ(f.done.size(), 4U);
  f.run_for(seconds(1));
  ASSERT_EQ(sent.size(), 5U);
  for (std::size_t i = 0; i + 2 < sent.size(); ++i)
    EXPECT_NE(sent[i].time_since_epoch() / seconds(1), sent[i + 2].time_since_epoch() / seconds(1));
}

TEST(SessionLimits, say_at_once_when_the_wait_would_go_beyond_the_next_slot) {
  Fixture f(well);
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
  Fixture f(down);
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
  Fixture f(well);
  f.upstream.limits = {{3, Per::kSecond}};
  f.upstream.concurrency = 1;
  await_new_second(f);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(f.send());
  f.send_later("tomorrow", std::chrono::hours(20));
  f.send_later("an hour", std::chrono::hours(1));
  f.send_later("a minute", std::chrono::minutes(1));
  f.run_for(Millis(1500));
  EXPECT_THAT(f.done, testing::ElementsAre("a minute", "an hour", "tomorrow"));
}

TEST(SessionLimits, end_the_wait_of_those_whose_slot_comes_before_the_next_window) {
  Fixture f(well);
  f.upstream.limits = {{1, Per::kSecond}};
  await_new_second(f);
  ASSERT_TRUE(f.send());
  f.send_later("first", Millis(1200));
  f.send_later("second", Millis(1300));
  f.run_for(Millis(1600));
  EXPECT_THAT(f.done, testing::UnorderedElementsAre(
                          "first", testing::StartsWith("second: not sent: api: 1/second is used up until")));
}

TEST(SessionLimits, are_in_the_state_before_the_request_leaves) {
  std::vector<std::string> seen;
  Fixture* fixture = nullptr;
  Fixture f([&](const HttpRequest&) -> Result<HttpResponse> {
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
  Fixture f(well);
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
  Fixture f(well);
  f.keep_state();
  ASSERT_TRUE(f.send());
  EXPECT_FALSE(*f.backend.get(limits_key("api")));
}

TEST(SessionLimits, follow_no_redirects_since_nobody_would_count_them) {
  Fixture f([](const HttpRequest&) { return response(301, ""); });
  f.upstream.limits = {{5, Per::kMonth}};
  auto answer = f.send();
  ASSERT_FALSE(answer);
  EXPECT_EQ(f.client.requests[0].redirects, HttpRequest::Redirects::kNone);
  EXPECT_THAT(answer.error().message, HasSubstr("let the url be the final one"));
}

TEST(SessionLimits, give_the_turn_on_when_a_waiting_run_is_canceled) {
  Fixture f(well);
  f.upstream.limits = {{1, Per::kSecond}};
  await_new_second(f);
  ASSERT_TRUE(f.send());
  asio::cancellation_signal signal;
  bool aborted = false;
  auto task = [](Fixture& fixture) -> Task<> {
    Effort own;
    co_await fixture.session().send(Fixture::request(), Manner{}, own);
  };
  asio::co_spawn(f.io, task(f), asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e) {
                   aborted = e != nullptr;
                 }));
  f.settle();
  f.send_later("next", seconds(20));
  f.settle();
  signal.emit(asio::cancellation_type::terminal);
  f.run_for(Millis(1500));
  EXPECT_TRUE(aborted);
  EXPECT_THAT(f.done, testing::ElementsAre("next"));
  EXPECT_EQ(f.client.requests.size(), 2U);
}

// An API with a login whose tokens live for an hour.
struct Login {
  Fixture* fixture = nullptr;
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

TEST(Complaint, airbyte_13660_token_ran_out_during_a_wait_for_the_limit) {
  Login login;
  Fixture f(std::ref(login));
  login.fixture = &f;
  f.upstream.auth = config::OAuth2Auth{"https://login.example.gov/token",
                                       "id",
                                       Secret("the secret"),
                                       "",
                                       config::OAuth2Auth::ClientIn::kBody,
                                       "",
                                       {},
                                       {}};
  f.upstream.limits = {{2, Per::kSecond}};
  f.upstream.concurrency = 1;  // the token's own requests need the place, and count
  await_new_second(f);
  ASSERT_TRUE(f.send());
  f.send_later("later", seconds(30));
  f.settle();
  f.clock.aged = seconds(4000);
  f.run_for(Millis(2500));
  EXPECT_THAT(f.done, testing::ElementsAre("later"));
  EXPECT_EQ(login.given, 2);
  EXPECT_EQ(login.refused, 0);
  EXPECT_EQ(f.client.most_in_flight, 1);
}

TEST(SessionHolds, leave_the_whole_upstream_alone_for_as_long_as_it_asked) {
  int asked = 0;
  Fixture f([&](const HttpRequest&) {
    return ++asked == 1 ? response(429, "", {{"Retry-After", "1"}}) : response(200, "{}");
  });
  EXPECT_FALSE(f.send());
  f.send_later("too soon", Millis(500));
  f.send_later("in time", seconds(20));
  f.run_for(Millis(600));
  ASSERT_EQ(f.done.size(), 1U);
  EXPECT_THAT(f.done[0], HasSubstr("too soon: not sent: api: asked to be left alone until "));
  EXPECT_THAT(f.done[0], HasSubstr("(Retry-After)"));
  EXPECT_EQ(asked, 1);
  f.run_for(seconds(1));
  EXPECT_EQ(f.done.back(), "in time");
  EXPECT_THAT(f.lines, testing::Contains(HasSubstr("api is left alone until")));
}

TEST(SessionHolds, obey_a_remainder_of_nothing_on_a_good_answer_and_after_a_restart) {
  Fixture f([](const HttpRequest&) {
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
  Fixture f([](const HttpRequest&) { return response(429, ""); });
  f.upstream.retry = {1, seconds(100), seconds(100)};
  EXPECT_FALSE(f.send());
  EXPECT_EQ(f.send(seconds(30)).error().kind, ErrorKind::kLimited);
  EXPECT_EQ(f.client.requests.size(), 1U);
}

TEST(Complaint, dlt_4036_retry_after_zero_burned_every_attempt_at_once) {
  std::vector<std::chrono::steady_clock::time_point> asked;
  Fixture f([&](const HttpRequest&) {
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

TEST(SessionRetries, tell_every_attempt_and_what_came_back) {
  int asked = 0;
  Fixture f([&](const HttpRequest&) -> Result<HttpResponse> {
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
  Fixture f([&](const HttpRequest&) { return response(++asked < 3 ? 502 : 200, "{}"); });
  f.upstream.retry.attempts = 4;
  ASSERT_TRUE(f.send());
  EXPECT_EQ(f.effort.attempts, 3U);
  EXPECT_THAT(f.effort.failures, testing::ElementsAre("502", "502"));
}

TEST(SessionRetries, end_before_the_next_slot) {
  Fixture f(down);
  f.upstream.retry = {9, seconds(100), seconds(100)};
  auto answer = f.send(seconds(20));
  ASSERT_FALSE(answer);
  EXPECT_EQ(f.client.requests.size(), 1U);
  EXPECT_EQ(answer.error().message, "503 from api.example.gov");
}

TEST(SessionRetries, never_repeat_a_post_that_nobody_called_safe) {
  Fixture f(down);
  f.upstream.retry.attempts = 3;
  EXPECT_FALSE(f.send({}, false));
  EXPECT_EQ(f.client.requests.size(), 1U);
  EXPECT_FALSE(f.send({}, true));
  EXPECT_EQ(f.client.requests.size(), 4U);
}

TEST(SessionBreaker, leaves_an_upstream_alone_that_fails_again_and_again_and_says_since_when) {
  int status = 503;
  Fixture f([&](const HttpRequest&) { return response(status, "{}"); });
  f.upstream.breaker = {3, Millis(600), Millis(600)};
  f.chance = 1;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(f.send().error().kind, ErrorKind::kStatus);
  auto refused = f.send(Millis(300));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kLimited);
  EXPECT_THAT(refused.error().message,
              testing::MatchesRegex("not sent: api is in trouble since .*, asked again at .*"));
  EXPECT_EQ(f.client.requests.size(), 3U);
  status = 200;
  for (int i = 0; i < 3; ++i) f.send_later("ok", seconds(20));
  f.run_for(Millis(300));
  EXPECT_EQ(f.client.requests.size(), 3U);
  f.run_for(Millis(700));
  EXPECT_THAT(f.done, testing::ElementsAre("ok", "ok", "ok"));
  EXPECT_THAT(f.lines, testing::Contains(HasSubstr("api is in trouble: 3 failures in a row")));
  EXPECT_THAT(f.lines, testing::Contains(HasSubstr("api answers again")));
}

TEST(SessionBreaker, takes_answers_of_400_and_429_for_signs_of_life) {
  int asked = 0;
  Fixture f([&](const HttpRequest&) { return response(++asked % 3 == 0 ? 404 : 500, ""); });
  f.upstream.breaker = {3, seconds(100), seconds(100)};
  for (int i = 0; i < 12; ++i) EXPECT_EQ(f.send().error().kind, ErrorKind::kStatus);
  EXPECT_EQ(asked, 12);
}

TEST(SessionBreaker, does_not_let_a_run_try_again_what_is_known_to_be_in_trouble) {
  Fixture f(down);
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
