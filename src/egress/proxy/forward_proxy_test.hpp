#pragma once
// SPDX-License-Identifier: Apache-2.0
// A proxy over real sockets for one conversation: what one client sends, what its upstream answers.

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "base/encoding.hpp"
#include "egress/proxy/served_proxy_test.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::egress {
using asio::ip::tcp;

// An upstream that hears one request and answers as it is told, then closes.
class Upstream {
 public:
  explicit Upstream(asio::io_context& io) : acceptor_(io, {asio::ip::address_v4::loopback(), 0}) {}

  std::string place() const { return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }
  std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
  std::string heard;
  bool reset = false;
  bool stays = false;  // until the proxy ends it

  Task<> serve_one() {
    tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
    boost::system::error_code error;
    heard.clear();
    co_await asio::async_read_until(socket, asio::dynamic_buffer(heard), "\r\n\r\n",
                                    asio::redirect_error(asio::use_awaitable, error));
    co_await asio::async_write(socket, asio::buffer(answer),
                               asio::redirect_error(asio::use_awaitable, error));
    std::string rest;
    if (stays)
      co_await asio::async_read(socket, asio::dynamic_buffer(rest),
                                asio::redirect_error(asio::use_awaitable, error));
    if (reset) socket.set_option(asio::socket_base::linger(true, 0));
  }

 private:
  tcp::acceptor acceptor_;
};

class ForwardProxyTest : public testing::Test {
 protected:
  ForwardProxyTest() { clients({anybody(allowed({"127.0.0.0/8", "*.example.gov"}))}); }

  static ProxyClient anybody(RuleSet allow) {
    ProxyClient client;
    client.policy.name = "anybody";
    client.policy.allow = std::move(allow);
    return client;
  }
  void clients(std::vector<ProxyClient> all) { clients_ = std::make_shared<const Clients>(std::move(all)); }

  void let_only(boost::beast::http::verb method) {
    ProxyClient client = anybody(allowed({"127.0.0.0/8"}));
    client.methods = {method};
    clients({client});
  }

  // Sends the bytes and reads until the proxy closes.
  std::string ask(std::string bytes) {
    bytes_ = std::move(bytes);
    ServedProxy proxy(io_, options_, clients_, logger_);
    asio::co_spawn(io_, upstream_.serve_one(), asio::detached);
    std::string heard = test::run_task(io_, talk(proxy.port()), std::chrono::seconds(20));
    proxy.stop();
    metrics_ = proxy.metrics();
    return heard;
  }

  Task<std::string> talk(std::uint16_t port) {
    tcp::socket socket(io_);
    co_await socket.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(bytes_), asio::use_awaitable);
    std::string heard;
    co_await asio::async_read(socket, asio::dynamic_buffer(heard),
                              asio::redirect_error(asio::use_awaitable, end_));
    socklen_t size = sizeof trouble_;
    EXPECT_EQ(::getsockopt(socket.native_handle(), SOL_SOCKET, SO_ERROR, &trouble_, &size), 0);
    co_return heard;
  }

  // Sends the bytes and reads the head of an answer: a tunnel stands.
  Task<> stand(tcp::socket& socket, std::uint16_t port) {
    co_await socket.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(bytes_), asio::use_awaitable);
    std::string heard;
    co_await asio::async_read_until(socket, asio::dynamic_buffer(heard), "\r\n\r\n", asio::use_awaitable);
  }

  std::string connect(const std::string& authority, const std::string& headers = "Connection: close\r\n",
                      const std::string& rest = "") {
    return "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n" + headers + "\r\n" + rest;
  }
  std::string get(const std::string& url, const std::string& headers = "Connection: close\r\n") {
    return "GET " + url + " HTTP/1.1\r\nHost: somewhere.else\r\n" + headers + "\r\n";
  }

  asio::io_context io_;
  std::vector<std::string> lines_;
  Redactor redactor_;
  log::Logger logger_{log::Level::kDebug, log::Logger::Format::kJson, redactor_,
                      [this](log::Level, std::string_view line) { lines_.emplace_back(line); }};
  ProxyOptions options_;
  std::shared_ptr<const Clients> clients_;
  Upstream upstream_{io_};
  std::string bytes_;
  std::string metrics_;  // of the last proxy, at its end
  boost::system::error_code end_;
  int trouble_ = 0;  // that the client's socket has behind its end: whether it was reset after all
};

}  // namespace pollux::egress
