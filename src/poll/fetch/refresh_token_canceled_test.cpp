// SPDX-License-Identifier: Apache-2.0
// A run is canceled while its refresh token is exchanged for another one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>

#include "poll/fetch/refresh_token_test.hpp"

namespace pollux::fetch {
namespace {

using testing::ElementsAre;

TEST(RefreshToken, is_saved_also_when_the_run_is_canceled_while_the_answer_comes) {
  Rotation r;
  asio::cancellation_signal stop;
  SessionFixture canceled(
      [&](const HttpRequest& request) {
        auto answer = r.login(request);
        stop.emit(asio::cancellation_type::terminal);
        return answer;
      },
      refreshing());
  canceled.session.reset();
  canceled.journal.reset();
  std::swap(canceled.backend, r.fixture.backend);
  canceled.start();
  HttpRequest request;
  request.url = "https://api.example.gov/data";
  bool ended = false;
  auto done = [&](const std::exception_ptr&, const Result<net::HttpResponse>&) { ended = true; };
  asio::co_spawn(canceled.io, canceled.session->send(request, Manner{}, canceled.effort),
                 asio::bind_cancellation_slot(stop.slot(), done));
  canceled.io.run();
  EXPECT_TRUE(ended);
  EXPECT_THAT(r.diary.lines(), testing::Contains("commit token/api refresh-1"));
  canceled.session.reset();
  canceled.journal.reset();
}

/// As a network: an answer takes its time, and who is canceled meanwhile gets none.
class SlowClient final : public net::HttpClient {
 public:
  explicit SlowClient(test::FakeHttpClient::Answer answer, Millis takes = Millis(50))
      : answer_(std::move(answer)), takes_(takes) {}
  Task<Result<net::HttpResponse>> send(HttpRequest request) override {
    auto answer = answer_(request);  // the server has made up its mind
    asio::steady_timer timer(co_await asio::this_coro::executor, takes_);
    boost::system::error_code error;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return fail(ErrorKind::kCanceled, "canceled");
    co_return answer;
  }

 private:
  test::FakeHttpClient::Answer answer_;
  Millis takes_;
};

TEST(RefreshToken, is_saved_also_when_the_run_is_canceled_while_its_request_is_on_the_wire) {
  Rotation r;
  SlowClient client(std::ref(r.login));
  auto& f = r.fixture;
  UpstreamSession session(f.upstream, {client, f.clock, f.redactor, [] { return 0.5; }, f.journal.get()});
  HttpRequest request;
  request.url = "https://api.example.gov/data";
  asio::cancellation_signal stop;
  bool ended = false;
  auto done = [&](const std::exception_ptr&, const Result<net::HttpResponse>&) { ended = true; };
  asio::co_spawn(f.io, session.send(request, Manner{}, f.effort),
                 asio::bind_cancellation_slot(stop.slot(), done));
  f.io.run_for(Millis(10));
  EXPECT_THAT(r.diary.lines(), ElementsAre("ask refresh-0"));
  stop.emit(asio::cancellation_type::terminal);
  f.io.run();
  EXPECT_TRUE(ended);
  EXPECT_THAT(r.diary.lines(), ElementsAre("ask refresh-0", "commit token/api refresh-1"))
      << "saved, and the run went no further";
}

TEST(RefreshToken, that_fails_is_not_asked_for_again_by_a_run_that_was_canceled) {
  Rotation r;
  int asked = 0;
  SlowClient client([&](const HttpRequest&) {
    ++asked;
    return response(503, "");
  });
  auto& f = r.fixture;
  UpstreamSession session(f.upstream, {client, f.clock, f.redactor, [] { return 0.5; }, f.journal.get()});
  HttpRequest request;
  request.url = "https://api.example.gov/data";
  asio::cancellation_signal stop;
  asio::co_spawn(f.io, session.send(request, Manner{}, f.effort),
                 asio::bind_cancellation_slot(stop.slot(), [](auto&&...) {}));
  f.io.run_for(Millis(10));
  stop.emit(asio::cancellation_type::terminal);
  f.io.run();
  EXPECT_EQ(asked, 1);
}

// The pause is over, and what goes on after it stands in line behind what cancels.
TEST(RefreshToken, that_fails_is_not_asked_for_again_by_a_run_that_was_canceled_as_its_pause_ended) {
  Rotation r;
  int asked = 0;
  test::FakeHttpClient client([&](const HttpRequest&) {
    ++asked;
    return response(503, "");
  });
  auto& f = r.fixture;
  f.upstream.retry = {3, Millis(400), Millis(400)};
  UpstreamSession session(f.upstream, {client, f.clock, f.redactor, [] { return 0.5; }, f.journal.get()});
  HttpRequest request;
  request.url = "https://api.example.gov/data";
  asio::cancellation_signal stop;
  asio::co_spawn(f.io, session.send(request, Manner{}, f.effort),
                 asio::bind_cancellation_slot(stop.slot(), [](auto&&...) {}));
  while (asked == 0) f.io.run_one();
  f.io.poll();
  ASSERT_EQ(asked, 1);
  asio::steady_timer first(f.io, std::chrono::steady_clock::time_point());
  first.async_wait([&](auto) { stop.emit(asio::cancellation_type::terminal); });
  std::this_thread::sleep_for(Millis(500));  // both timers have passed, and the earlier one is heard first
  f.io.run();
  EXPECT_EQ(asked, 1);
}

TEST(RefreshToken, is_not_waited_for_without_end_by_a_run_that_was_canceled) {
  Rotation r;
  SlowClient client(std::ref(r.login), std::chrono::hours(1));
  auto& f = r.fixture;
  UpstreamSession session(f.upstream, {client, f.clock, f.redactor, [] { return 0.5; }, f.journal.get()});
  HttpRequest request;
  request.url = "https://api.example.gov/data";
  asio::cancellation_signal stop;
  bool ended = false;
  auto done = [&](const std::exception_ptr&, const Result<net::HttpResponse>&) { ended = true; };
  asio::co_spawn(f.io, session.send(request, Manner{}, f.effort),
                 asio::bind_cancellation_slot(stop.slot(), done));
  f.io.run_for(Millis(10));
  stop.emit(asio::cancellation_type::terminal);
  f.io.run_for(kSeenThrough / 2);
  EXPECT_FALSE(ended);
  f.io.run_for(kSeenThrough * 2);
  EXPECT_TRUE(ended);
  EXPECT_THAT(r.diary.lines(), ElementsAre("ask refresh-0"));
}

}  // namespace
}  // namespace pollux::fetch
