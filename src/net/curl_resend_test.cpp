// SPDX-License-Identifier: Apache-2.0
// One send() is one request, also where a kept connection ends under it: libcurl would send it again.
#include <gmock/gmock.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "net/curl_client.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/peers.hpp"
#include "tests/support/recording_proxy.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::net {
namespace {

using asio::ip::tcp;
using test::Listener;
using test::Socket;
using testing::ElementsAre;
using testing::HasSubstr;

// Answers what begins with /well, and keeps the connection. What else it is asked it only writes down: then
// it closes, or calls `cut` and waits for the connection to end.
class Server {
 public:
  std::function<void()> cut;
  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(listener_.port()) + path;
  }
  std::vector<std::string> requests() const { return listener_.requests(); }
  int connections() const { return connections_; }

 private:
  Task<> serve(Socket socket) {
    ++connections_;
    std::string read;
    for (;;) {
      const std::size_t head = co_await asio::async_read_until(*socket, asio::dynamic_buffer(read),
                                                               "\r\n\r\n", asio::use_awaitable);
      const std::string line = read.substr(0, read.find(" HTTP/"));
      read.erase(0, head);  // no request here has a body
      listener_.note(line);
      if (line.find(" /well") == std::string::npos) {
        if (!cut) co_return;
        cut();
        continue;
      }
      const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
      co_await asio::async_write(*socket, asio::buffer(answer), asio::use_awaitable);
    }
  }

  std::atomic<int> connections_ = 0;
  Listener listener_{[this](Socket socket) { return serve(std::move(socket)); }};
};

// Passes bytes on to a port, until it is told to break all connections.
class Wire {
 public:
  explicit Wire(std::uint16_t to) : to_(to) {}
  std::uint16_t port() const { return listener_.port(); }
  void cut() {
    std::lock_guard lock(mutex_);
    for (const auto& held : std::exchange(sockets_, {})) {
      Socket socket = held.lock();
      if (!socket) continue;
      asio::post(socket->get_executor(), [socket] {
        boost::system::error_code ignored;
        socket->shutdown(tcp::socket::shutdown_both, ignored);
      });
    }
  }

 private:
  Task<> serve(Socket client) {
    {
      std::lock_guard lock(mutex_);
      sockets_.push_back(client);
    }
    auto server = std::make_shared<tcp::socket>(client->get_executor());
    co_await server->async_connect({asio::ip::address_v4::loopback(), to_}, asio::use_awaitable);
    co_await test::relay_both(client, server);
  }

  std::uint16_t to_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<tcp::socket>> sockets_;  // they end with their connections
  Listener listener_{[this](Socket socket) { return serve(std::move(socket)); }};
};

// A proxy that gives one tunnel, to a port, and denies all others.
class OneTunnel {
 public:
  explicit OneTunnel(std::uint16_t to) : to_(to) {}
  std::uint16_t port() const { return listener_.port(); }
  int asked() const { return asked_; }

 private:
  Task<> serve(Socket client) {
    std::string head;
    auto buffer = asio::dynamic_buffer(head);
    co_await asio::async_read_until(*client, buffer, "\r\n\r\n", asio::use_awaitable);
    const bool denied = asked_++ > 0;
    const std::string answer =
        denied ? "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n" : "HTTP/1.1 200 Yes\r\n\r\n";
    auto server = std::make_shared<tcp::socket>(client->get_executor());
    const tcp::endpoint to(asio::ip::address_v4::loopback(), to_);
    if (!denied) co_await server->async_connect(to, asio::use_awaitable);
    co_await asio::async_write(*client, asio::buffer(answer), asio::use_awaitable);
    if (!denied) co_await test::relay_both(client, server);
  }

  std::uint16_t to_;
  std::atomic<int> asked_ = 0;
  Listener listener_{[this](Socket socket) { return serve(std::move(socket)); }};
};

class CurlResend : public testing::Test {
 protected:
  Result<HttpResponse> send(std::string url, std::string method = "GET") {
    HttpRequest request;
    request.method = std::move(method);
    request.url = std::move(url);
    return send(std::move(request));
  }
  Result<HttpResponse> send(HttpRequest request) {
    return test::run_task(io_, curl_.send(std::move(request)));
  }

  asio::io_context io_;
  CurlClient curl_{io_};
};

TEST_F(CurlResend, sends_nothing_again_when_a_kept_connection_ends_before_the_answer) {
  for (const char* method : {"GET", "HEAD", "PUT", "DELETE"}) {
    SCOPED_TRACE(method);
    Server server;
    ASSERT_TRUE(send(server.url("/well")));
    auto answer = send(server.url("/counted"), method);
    EXPECT_THAT(server.requests(), ElementsAre("GET /well", std::string(method) + " /counted"));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::kNetwork);
    EXPECT_EQ(answer.error().retry, Retry::later());
    EXPECT_THAT(answer.error().message, HasSubstr("a kept connection to 127.0.0.1:"));
    EXPECT_THAT(answer.error().message, HasSubstr("ended before it answered"));
    ASSERT_TRUE(send(server.url("/well-again"))) << "the next request has a connection of its own";
  }
}

// It could not be tried again, so it must not begin on a connection that the other side may be closing.
TEST_F(CurlResend, sends_a_post_once_and_on_a_connection_of_its_own) {
  Server server;
  ASSERT_TRUE(send(server.url("/well")));
  ASSERT_TRUE(send(server.url("/well-posted"), "POST"));
  EXPECT_EQ(server.connections(), 2);
  EXPECT_FALSE(send(server.url("/counted"), "POST"));
  EXPECT_THAT(server.requests(), ElementsAre("GET /well", "POST /well-posted", "POST /counted"));
}

TEST_F(CurlResend, follows_a_redirect_on_the_connection_that_it_came_by) {
  Listener listener([&](Socket socket) -> Task<> {
    std::string read;
    for (const char* answer : {"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n",
                               "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"}) {
      read.erase(0, co_await asio::async_read_until(*socket, asio::dynamic_buffer(read), "\r\n\r\n",
                                                    asio::use_awaitable));
      co_await asio::async_write(*socket, asio::buffer(answer, std::strlen(answer)), asio::use_awaitable);
    }
  });
  HttpRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(listener.port()) + "/here";
  request.redirects = HttpRequest::Redirects::kSameHost;
  auto answer = send(std::move(request));
  ASSERT_TRUE(answer) << answer.error().message;
}

// Its second CONNECT would be refused: what had left by then must not be told as kept back by the proxy.
TEST_F(CurlResend, asks_a_proxy_for_no_second_tunnel_when_one_ends_before_the_answer) {
  POLLUX_NEEDS_PROGRAM("nginx");
  test::Authority authority;
  test::TempDir dir;
  const auto ca = dir.write("ca.pem", authority.certificate());
  for (bool away : {false, true}) {
    SCOPED_TRACE(away ? "the proxy is away then" : "the proxy says no then");
    std::unique_ptr<Wire> proxy;  // gone last: the server's thread may be at it
    Server server;
    test::Nginx nginx(
        {"ssl", "location / { proxy_pass " + server.url("") + "; }", authority.issue("server"), {}});
    OneTunnel tunnel(nginx.port());
    proxy = std::make_unique<Wire>(tunnel.port());
    const std::string place = "127.0.0.1:" + std::to_string(proxy->port());
    server.cut = [&] { away ? proxy.reset() : proxy->cut(); };
    auto request = [&](const std::string& path) {
      HttpRequest out;
      out.url = "https://" + nginx.address() + path;
      out.way.ca_file = ca;
      out.way.proxy = Secret("http://" + place);
      return out;
    };
    auto first = send(request("/well"));
    ASSERT_TRUE(first) << first.error().message;
    auto answer = send(request("/counted"));
    EXPECT_THAT(server.requests(), ElementsAre("GET /well", "GET /counted"));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::kNetwork) << "kProxy is not counted";
    EXPECT_EQ(answer.error().retry, Retry::later());
    EXPECT_EQ(answer.error().message, "a kept connection to " + nginx.address() +
                                          " through the egress proxy " + place + " ended before it answered");
    EXPECT_EQ(tunnel.asked(), 1);
    auto next = send(request("/next"));
    ASSERT_FALSE(next);
    EXPECT_EQ(next.error().kind, ErrorKind::kProxy) << "it never left: " << next.error().message;
    EXPECT_THAT(server.requests(), ElementsAre("GET /well", "GET /counted"));
  }
}

// The same over TLS, in HTTP/1.1 and as a stream of HTTP/2, straight and in a proxy's tunnel.
TEST_F(CurlResend, sends_nothing_again_over_tls_http_2_and_tunnels) {
  POLLUX_NEEDS_PROGRAM("nginx");
  test::Authority authority;
  test::TempDir dir;
  const auto ca = dir.write("ca.pem", authority.certificate());
  for (const char* listen : {"ssl", "ssl http2"}) {
    for (bool tunnel : {false, true}) {
      SCOPED_TRACE(std::string(listen) + (tunnel ? " through a tunnel" : ""));
      Server server;
      test::Nginx nginx(
          {listen, "location / { proxy_pass " + server.url("") + "; }", authority.issue("server"), {}});
      Wire wire(nginx.port());
      server.cut = [&] { wire.cut(); };
      test::RecordingProxy proxy;
      auto request = [&](const std::string& path) {
        HttpRequest out;
        out.url = "https://127.0.0.1:" + std::to_string(wire.port()) + path;
        out.way.ca_file = ca;
        if (tunnel) out.way.proxy = Secret("http://127.0.0.1:" + std::to_string(proxy.port()));
        return out;
      };
      auto first = send(request("/well"));
      ASSERT_TRUE(first) << first.error().message;
      auto answer = send(request("/counted"));
      EXPECT_THAT(server.requests(), ElementsAre("GET /well", "GET /counted"));
      ASSERT_FALSE(answer);
      EXPECT_EQ(answer.error().retry, Retry::later()) << answer.error().message;
      EXPECT_TRUE(send(request("/well-again")));
    }
  }
}

}  // namespace
}  // namespace pollux::net
