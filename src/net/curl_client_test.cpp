// SPDX-License-Identifier: Apache-2.0
#include "net/curl_client.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <thread>

#include "tests/support/run_task.hpp"

namespace pollux::net {
namespace {

using asio::ip::tcp;

// A peer of raw bytes: reads one request head for each answer, writes the answer, closes after the last; an
// empty answer is silence until the client hangs up.
class RawPeer {
 public:
  explicit RawPeer(std::vector<std::string> answers)
      : acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    thread_ = std::thread([this, a = std::move(answers)] { serve(a); });
  }
  ~RawPeer() { thread_.join(); }
  std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + path;
  }
  std::vector<std::string> requests;  // read after the peer is joined or its answer has arrived

 private:
  void serve(const std::vector<std::string>& answers) {
    tcp::socket socket = acceptor_.accept();
    for (const std::string& answer : answers) {
      boost::system::error_code error;
      std::string head;
      std::array<char, 4096> buffer;
      while (head.find("\r\n\r\n") == std::string::npos) {
        std::size_t n = socket.read_some(asio::buffer(buffer), error);
        if (error) return;
        head.append(buffer.data(), n);
      }
      requests.push_back(head);
      asio::write(socket, asio::buffer(answer), error);
      if (answer.empty()) socket.read_some(asio::buffer(buffer), error);  // silent until the client hangs up
    }
  }
  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

struct Client {
  asio::io_context io;
  CurlClient curl{io};
  Result<HttpResponse> get(const std::string& url) {
    HttpRequest request;
    request.url = url;
    return send(request);
  }
  Result<HttpResponse> send(HttpRequest request) { return test::run_task(io, curl.send(std::move(request))); }
};

TEST(CurlClient, hands_over_status_headers_and_body) {
  RawPeer peer({"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nX-Kind: a\r\n\r\nno"});
  auto answer = Client().get(peer.url());
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->body, "no");
  EXPECT_EQ(answer->header("x-kind"), "a");
}

TEST(CurlClient, keeps_the_connection_for_the_next_request) {
  RawPeer peer(
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"});
  Client client;
  EXPECT_EQ(client.get(peer.url())->body, "a");
  EXPECT_EQ(client.get(peer.url())->body, "b");  // the peer accepts only one connection
}

TEST(CurlClient, says_truncated_when_the_body_is_shorter_than_announced) {
  RawPeer peer({"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"});
  auto answer = Client().get(peer.url());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kTruncated);
}

TEST(CurlClient, says_too_large_for_a_body_over_the_limit_even_without_a_length) {
  RawPeer peer({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"});
  HttpRequest request;
  request.url = peer.url();
  request.max_body = Bytes{4};
  auto answer = Client().send(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kTooLarge);
}

TEST(CurlClient, says_timeout_when_nothing_comes) {
  RawPeer peer({""});
  HttpRequest request;
  request.url = peer.url();
  request.total_timeout = Millis(100);
  auto answer = Client().send(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kTimeout);
}

TEST(CurlClient, names_the_host_and_never_the_query_when_nobody_listens) {
  auto answer = Client().get("http://127.0.0.1:1/path?api_key=topsecretvalue");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kNetwork);
  EXPECT_EQ(answer.error().retry, Retry::later());
  EXPECT_NE(answer.error().message.find("127.0.0.1:1"), std::string::npos);
  EXPECT_EQ(answer.error().message.find("topsecretvalue"), std::string::npos);
}

TEST(CurlClient, refuses_a_header_with_a_line_break) {
  HttpRequest request;
  request.url = "http://127.0.0.1:1/";
  request.headers = {{"X-A", "1\r\nX-B: 2"}};
  auto answer = Client().send(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kUsage);
}

TEST(CurlClient, takes_no_proxy_from_the_environment) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  setenv("all_proxy", "http://127.0.0.1:1", 1);
  RawPeer peer({"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"});
  auto answer = Client().get(peer.url());
  unsetenv("http_proxy");
  unsetenv("all_proxy");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "ok");
}

TEST(CurlClient, never_goes_around_a_proxy_that_is_down) {
  RawPeer peer({"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"});
  Client client;
  HttpRequest request;
  request.url = peer.url();
  request.way.proxy = Secret("http://user:password@127.0.0.1:1");
  auto answer = client.send(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kProxy);
  EXPECT_EQ(answer.error().message.find("password"), std::string::npos);
  EXPECT_EQ(client.get(peer.url())->body,
            "ok");  // the peer's one connection is still to be had: nobody came before
}

TEST(CurlClient, does_not_follow_a_redirect_to_another_host) {
  RawPeer peer({"HTTP/1.1 302 Found\r\nLocation: http://localhost:1/x\r\nContent-Length: 0\r\n\r\n"});
  HttpRequest request;
  request.url = peer.url();
  request.redirects = HttpRequest::Redirects::kSameHost;
  auto answer = Client().send(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kRedirect);
  EXPECT_NE(answer.error().message.find("localhost:1"), std::string::npos);
}

TEST(CurlClient, follows_a_redirect_within_the_host_and_keeps_its_headers) {
  RawPeer peer({"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"});
  HttpRequest request;
  request.url = peer.url("/here");
  request.headers = {{"Authorization", "Bearer t"}};
  request.redirects = HttpRequest::Redirects::kSameHost;
  auto answer = Client().send(request);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "ok");
  EXPECT_TRUE(peer.requests[1].starts_with("GET /there"));
  EXPECT_NE(peer.requests[1].find("Authorization: Bearer t"), std::string::npos);
}

TEST(CurlClient, does_not_take_a_body_to_another_host_even_where_redirects_may_leave) {
  RawPeer peer(
      {"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://localhost:1/x\r\nContent-Length: 0\r\n\r\n"});
  HttpRequest request;
  request.method = "POST";
  request.body = "client_secret=s";
  request.url = peer.url();
  request.redirects = HttpRequest::Redirects::kAny;
  auto answer = Client().send(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kRedirect);
}

TEST(CurlClient, sends_a_body_with_put_and_no_expect_header) {
  RawPeer peer({"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"});
  HttpRequest request;
  request.method = "PUT";
  request.url = peer.url("/a%20b/../c");
  request.headers = {{"Content-Type", "application/json"}};
  request.body = "{}";
  ASSERT_TRUE(Client().send(request));
  EXPECT_TRUE(peer.requests[0].starts_with("PUT /a%20b/../c HTTP/1.1"));
  EXPECT_EQ(peer.requests[0].find("Expect"), std::string::npos);
}

// Handles of ended transfers are used again: a cancellation that comes between a transfer's end and the
// moment when its coroutine hears of it once ended the transfer that had begun on the same handle meanwhile.
TEST(CurlClient, does_not_take_a_late_cancellation_for_another_request) {
  for (int steps = 0; steps < 10; ++steps) {
    SCOPED_TRACE(steps);
    RawPeer peer({"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"});
    Client client;
    asio::cancellation_signal signal;
    HttpRequest bad, good;
    bad.url = "gopher://127.0.0.1/";  // ends as soon as it begins
    good.url = peer.url();
    std::optional<Result<HttpResponse>> answer;
    auto ignore = [](const std::exception_ptr&, const Result<HttpResponse>&) {};
    auto keep = [&](const std::exception_ptr&, Result<HttpResponse> result) { answer = std::move(result); };
    asio::co_spawn(client.io, client.curl.send(bad), asio::bind_cancellation_slot(signal.slot(), ignore));
    asio::co_spawn(client.io, client.curl.send(good), keep);
    for (int i = 0; i < steps; ++i) client.io.poll_one();
    signal.emit(asio::cancellation_type::terminal);
    client.io.run_for(std::chrono::seconds(5));  // ends much earlier when all is well
    bool good_one = answer && *answer;
    if (!good_one) Client().get(peer.url());  // the peer waits for someone
    ASSERT_TRUE(good_one);
  }
}

}  // namespace
}  // namespace pollux::net
