// SPDX-License-Identifier: Apache-2.0
#include "tests/support/recording_proxy.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <mutex>
#include <thread>

#include "base/encoding.hpp"
#include "net/task.hpp"

namespace pollux::test {
namespace {

using asio::ip::tcp;
using Socket = std::shared_ptr<tcp::socket>;

struct Asked {
  std::string line;  // method and target
  std::string host;
  std::string port;
  std::string to_server;  // what goes on to the server; empty for CONNECT
};

std::string word(const std::string& text, std::size_t from) {
  return text.substr(from, text.find_first_of(" \r\n", from) - from);
}

// `head` is everything up to and with the empty line; `rest` is what was read beyond.
Asked understood(const std::string& head, const std::string& rest) {
  std::string method = word(head, 0);
  std::string target = word(head, method.size() + 1);
  Asked asked{method + " " + target, {}, {}, {}};
  if (method == "CONNECT") {
    auto colon = target.rfind(':');
    asked.host = target.substr(0, colon);
    asked.port = target.substr(colon + 1);
    return asked;
  }
  auto url = boost::urls::parse_uri(target).value();
  asked.host = std::string(url.encoded_host());
  asked.port = url.has_port() ? std::string(url.port()) : "80";
  std::string path(url.encoded_target());
  // One request a connection: the server's answer ends with the connection, and both relays with it.
  asked.to_server = method + " " + (path.empty() ? "/" : path) + " HTTP/1.1\r\nConnection: close\r\n" +
                    head.substr(head.find("\r\n") + 2) + rest;
  return asked;
}

Task<> relay(Socket from, Socket to) {
  std::string buffer(16384, '\0');
  for (;;) {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    std::size_t count = co_await from->async_read_some(asio::buffer(buffer), token);
    if (error) break;
    co_await asio::async_write(*to, asio::buffer(buffer, count), token);
    if (error) break;
  }
  boost::system::error_code ignored;
  to->shutdown(tcp::socket::shutdown_send, ignored);
}

Task<> answer(Socket client, std::string text) {
  co_await asio::async_write(*client, asio::buffer(text), asio::use_awaitable);
}

}  // namespace

class RecordingProxy::Server {
 public:
  Server(std::string credentials, std::map<std::string, std::string> names)
      : expected_(credentials.empty() ? "" : "Basic " + base64(credentials)),
        names_(std::move(names)),
        acceptor_(io_, {asio::ip::address_v4::loopback(), 0}) {
    asio::co_spawn(io_, accept(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Server() {
    io_.stop();
    thread_.join();
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  std::vector<std::string> requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  Task<> accept() {
    for (;;) {
      auto client = std::make_shared<tcp::socket>(io_);
      co_await acceptor_.async_accept(*client, asio::use_awaitable);
      // A connection that breaks ends its own coroutine only.
      asio::co_spawn(io_, serve(client), [](const std::exception_ptr&) {});
    }
  }

  Task<> serve(Socket client) {
    std::string head;
    auto buffer = asio::dynamic_buffer(head, 1 << 16);
    std::size_t size = co_await asio::async_read_until(*client, buffer, "\r\n\r\n", asio::use_awaitable);
    std::string rest = head.substr(size);
    head.resize(size);
    Asked asked = understood(head, rest);
    {
      std::lock_guard lock(mutex_);
      requests_.push_back(asked.line);
    }
    if (!expected_.empty() && head.find(expected_) == std::string::npos) {
      std::string refusal =
          "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"egress\"\r\n"
          "Content-Length: 0\r\nConnection: close\r\n\r\n";
      co_await answer(client, refusal);
      co_return;
    }
    co_await pass_on(client, std::move(asked));
  }

  Task<> pass_on(Socket client, Asked asked) {
    tcp::resolver resolver(io_);
    if (auto known = names_.find(asked.host); known != names_.end()) asked.host = known->second;
    auto found = co_await resolver.async_resolve(asked.host, asked.port, asio::use_awaitable);
    auto server = std::make_shared<tcp::socket>(io_);
    co_await asio::async_connect(*server, found, asio::use_awaitable);
    std::string tunnel = "HTTP/1.1 200 Connection established\r\n\r\n";
    if (asked.to_server.empty()) {
      co_await answer(client, tunnel);
    } else {
      co_await asio::async_write(*server, asio::buffer(asked.to_server), asio::use_awaitable);
    }
    asio::co_spawn(io_, relay(client, server), asio::detached);
    co_await relay(server, client);
  }

  std::string expected_;
  std::map<std::string, std::string> names_;
  asio::io_context io_;
  tcp::acceptor acceptor_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

RecordingProxy::RecordingProxy(std::string credentials, std::map<std::string, std::string> names)
    : server_(std::make_unique<Server>(std::move(credentials), std::move(names))) {}
RecordingProxy::~RecordingProxy() = default;
std::uint16_t RecordingProxy::port() const { return server_->port(); }
std::vector<std::string> RecordingProxy::requests() const { return server_->requests(); }

}  // namespace pollux::test
