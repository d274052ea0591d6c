// SPDX-License-Identifier: Apache-2.0
#include "tests/support/socks5_proxy.hpp"

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <optional>

#include "tests/support/listener.hpp"

namespace pollux::test {
namespace {

using asio::ip::tcp;

enum Reply : unsigned char { kSucceeded = 0, kNotAllowed = 2, kHostUnreachable = 4, kRefused = 5 };

Task<std::string> take(Socket from, std::size_t count) {
  std::string out(count, '\0');
  co_await asio::async_read(*from, asio::buffer(out), asio::use_awaitable);
  co_return out;
}

Task<> give(Socket to, std::string bytes) {
  co_await asio::async_write(*to, asio::buffer(bytes), asio::use_awaitable);
}

std::size_t number(char byte) { return static_cast<unsigned char>(byte); }

}  // namespace

class Socks5Proxy::Server {
 public:
  explicit Server(Options options) : options_(std::move(options)) {}

  std::uint16_t port() const { return listener_.port(); }
  std::vector<std::string> requests() const { return listener_.requests(); }

 private:
  struct Target {
    std::string host;
    std::uint16_t port = 0;
    bool name = false;
  };

  Task<> serve(Socket client) {
    if (!co_await greet(client)) co_return;
    auto target = co_await asked_for(client);
    auto address = target ? address_of(*target) : std::nullopt;
    if (!target || target->host == options_.denied) co_return co_await reply(client, kNotAllowed);
    if (!address) co_return co_await reply(client, kHostUnreachable);
    auto server = std::make_shared<tcp::socket>(client->get_executor());
    boost::system::error_code error;
    co_await server->async_connect({*address, target->port},
                                   asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return co_await reply(client, kRefused);
    co_await reply(client, kSucceeded);
    co_await relay_both(client, server);
  }

  // RFC 1928, 3 and RFC 1929.
  Task<bool> greet(Socket client) {
    std::string head = co_await take(client, 2);
    std::string methods = co_await take(client, number(head[1]));
    const char wanted = options_.credentials.empty() ? '\0' : '\x02';
    const bool offered = methods.find(wanted) != std::string::npos;
    const std::string chosen{'\x05', offered ? wanted : '\xFF'};  // GCC 12 makes no list inside co_await
    co_await give(client, chosen);
    if (!offered || wanted == '\0') co_return offered;
    head = co_await take(client, 2);
    std::string user = co_await take(client, number(head[1]));
    std::string size = co_await take(client, 1);
    std::string password = co_await take(client, number(size[0]));
    const bool known = user + ":" + password == options_.credentials;
    const std::string verdict{'\x01', known ? '\0' : '\x01'};
    co_await give(client, verdict);
    co_return known;
  }

  // RFC 1928, 4 and 5; IPv6 is not for here.
  Task<std::optional<Target>> asked_for(Socket client) {
    std::string head = co_await take(client, 4);
    Target out;
    if (head[3] == '\x03') {
      std::string size = co_await take(client, 1);
      out.name = true;
      out.host = co_await take(client, number(size[0]));
    } else if (head[3] == '\x01') {
      std::string bytes = co_await take(client, 4);
      asio::ip::address_v4::bytes_type raw;
      for (std::size_t i = 0; i < 4; ++i) raw[i] = static_cast<unsigned char>(bytes[i]);
      out.host = asio::ip::address_v4(raw).to_string();
    } else {
      co_return std::nullopt;
    }
    std::string port = co_await take(client, 2);
    out.port = static_cast<std::uint16_t>(number(port[0]) << 8U | number(port[1]));
    listener_.note((out.name ? "name " : "address ") + out.host + ":" + std::to_string(out.port));
    co_return out;
  }

  std::optional<asio::ip::address> address_of(const Target& target) const {
    if (!target.name) return asio::ip::make_address(target.host);
    auto found = options_.names.find(target.host);
    if (found == options_.names.end()) return std::nullopt;
    return asio::ip::make_address(found->second);
  }

  static Task<> reply(Socket client, Reply what) {
    std::string bytes{'\x05', static_cast<char>(what), '\0', '\x01', '\0', '\0', '\0', '\0', '\0', '\0'};
    return give(std::move(client), std::move(bytes));
  }

  Options options_;
  Listener listener_{[this](Socket client) { return serve(std::move(client)); }};
};

Socks5Proxy::Socks5Proxy(Options options) : server_(std::make_unique<Server>(std::move(options))) {}
Socks5Proxy::~Socks5Proxy() = default;
std::uint16_t Socks5Proxy::port() const { return server_->port(); }
std::vector<std::string> Socks5Proxy::requests() const { return server_->requests(); }

}  // namespace pollux::test
