// SPDX-License-Identifier: Apache-2.0
// Limits and retries over a real connection that ends under a request: libcurl must not send it again behind
// the gate's back.
#include <gmock/gmock.h>

#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/curl_client.hpp"
#include "poll/fetch/upstream_session.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::fetch {
namespace {

using testing::SizeIs;

// Answers the first request of each connection and offers to keep it; takes the second, and closes.
class ShortKeeper {
 public:
  std::string url() const { return "http://127.0.0.1:" + std::to_string(listener_.port()); }
  std::vector<std::string> requests() const { return listener_.requests(); }

 private:
  Task<> serve(test::Socket socket) {
    std::string read;
    for (int request = 0; request < 2; ++request) {
      const std::size_t head = co_await asio::async_read_until(*socket, asio::dynamic_buffer(read),
                                                               "\r\n\r\n", asio::use_awaitable);
      listener_.note(read.substr(0, read.find(" HTTP/")));
      read.erase(0, head);
      const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
      if (request == 0) co_await asio::async_write(*socket, asio::buffer(answer), asio::use_awaitable);
    }
  }

  test::Listener listener_{[this](test::Socket socket) { return serve(std::move(socket)); }};
};

struct Session {
  explicit Session(std::vector<config::Limit> limits) : upstream(at(server.url(), std::move(limits))) {}

  static config::Upstream at(std::string url, std::vector<config::Limit> limits) {
    config::Upstream out;
    out.name = "api";
    out.url = std::move(url);
    out.retry = {3, Millis(1), Millis(1)};
    out.limits = std::move(limits);
    return out;
  }
  Result<net::HttpResponse> get() {
    net::HttpRequest request;
    request.url = server.url() + "/data";
    effort = {};
    return test::run_task(
        io, session.send(std::move(request), Manner{true, clock.now() + Millis(60'000)}, effort));
  }

  ShortKeeper server;
  config::Upstream upstream;
  asio::io_context io;
  SystemClock clock;
  Redactor redactor;
  net::CurlClient client{io};
  UpstreamSession session{upstream, SessionParts{client, clock, redactor, [] { return 0.5; }}};
  Effort effort;
};

TEST(SessionResend, tries_again_where_a_kept_connection_ended_and_counts_it) {
  Session f({});
  ASSERT_TRUE(f.get());
  auto second = f.get();
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(f.effort.attempts, 2U);
  EXPECT_THAT(f.effort.failures, testing::ElementsAre("network"));
  EXPECT_THAT(f.server.requests(), SizeIs(3));
}

TEST(SessionResend, sends_no_more_than_the_limit_when_a_kept_connection_ends) {
  Session f({{2, config::Limit::Per::kMonth, true}});
  ASSERT_TRUE(f.get());
  auto second = f.get();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kNetwork);
  EXPECT_THAT(second.error().message, testing::HasSubstr("not tried again: not sent: api: 2/month sliding"));
  EXPECT_THAT(f.server.requests(), SizeIs(2));
}

}  // namespace
}  // namespace pollux::fetch
