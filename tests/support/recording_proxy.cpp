// SPDX-License-Identifier: Apache-2.0
#include "tests/support/recording_proxy.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/encoding.hpp"
#include "tests/support/listener.hpp"

namespace pollux::test {
namespace {

using asio::ip::tcp;

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

Task<> answer(Socket client, std::string text) {
  co_await asio::async_write(*client, asio::buffer(text), asio::use_awaitable);
}

}  // namespace

class RecordingProxy::Server {
 public:
  Server(std::string credentials, std::map<std::string, std::string> names)
      : expected_(credentials.empty() ? "" : "Basic " + base64(credentials)), names_(std::move(names)) {}

  std::uint16_t port() const { return listener_.port(); }
  std::vector<std::string> requests() const { return listener_.requests(); }

 private:
  Task<> serve(Socket client) {
    std::string head;
    auto buffer = asio::dynamic_buffer(head, 1 << 16);
    std::size_t size = co_await asio::async_read_until(*client, buffer, "\r\n\r\n", asio::use_awaitable);
    std::string rest = head.substr(size);
    head.resize(size);
    Asked asked = understood(head, rest);
    listener_.note(asked.line);
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
    tcp::resolver resolver(client->get_executor());
    if (auto known = names_.find(asked.host); known != names_.end()) asked.host = known->second;
    auto found = co_await resolver.async_resolve(asked.host, asked.port, asio::use_awaitable);
    auto server = std::make_shared<tcp::socket>(client->get_executor());
    co_await asio::async_connect(*server, found, asio::use_awaitable);
    std::string tunnel = "HTTP/1.1 200 Connection established\r\n\r\n";
    if (asked.to_server.empty()) {
      co_await answer(client, tunnel);
    } else {
      co_await asio::async_write(*server, asio::buffer(asked.to_server), asio::use_awaitable);
    }
    co_await relay_both(client, server);
  }

  std::string expected_;
  std::map<std::string, std::string> names_;
  Listener listener_{[this](Socket client) { return serve(std::move(client)); }};
};

RecordingProxy::RecordingProxy(std::string credentials, std::map<std::string, std::string> names)
    : server_(std::make_unique<Server>(std::move(credentials), std::move(names))) {}
RecordingProxy::~RecordingProxy() = default;
std::uint16_t RecordingProxy::port() const { return server_->port(); }
std::vector<std::string> RecordingProxy::requests() const { return server_->requests(); }

}  // namespace pollux::test
