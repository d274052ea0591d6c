// SPDX-License-Identifier: Apache-2.0
#include "tests/support/name_server.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/ip_address.hpp"
#include "net/task.hpp"

namespace pollux::test {
namespace {

using asio::ip::tcp;
using asio::ip::udp;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kHeader = 12;
constexpr unsigned kA = 1;
constexpr unsigned kCname = 5;
constexpr unsigned kAaaa = 28;

std::string two(unsigned value) { return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)}; }

unsigned two_at(std::string_view text, std::size_t at) {
  return (static_cast<unsigned char>(text[at]) << 8) + static_cast<unsigned char>(text[at + 1]);
}

// "a.b" as labels, each behind its length (RFC 1035, 3.1).
std::string labels(std::string_view name) {
  std::string out;
  for (;;) {
    const auto dot = name.find('.');
    const auto label = name.substr(0, dot);
    out += static_cast<char>(label.size());
    out += label;
    if (dot == std::string_view::npos) return out + '\0';
    name.remove_prefix(dot + 1);
  }
}

std::string record(const std::string& owner, unsigned type, const std::string& data) {
  constexpr std::string_view kInternetForAMinute("\0\1\0\0\0\x3c", 6);
  return owner + two(type) + std::string(kInternetForAMinute) + two(static_cast<unsigned>(data.size())) +
         data;
}

struct Query {
  std::string name;
  unsigned type;
  std::size_t size;  // with its header
};

Query read(std::string_view message) {
  Query query{{}, 0, kHeader};
  while (message.at(query.size) != 0) {
    const auto length = static_cast<std::size_t>(message[query.size]);
    if (!query.name.empty()) query.name += '.';
    query.name += message.substr(query.size + 1, length);
    query.size += 1 + length;
  }
  query.type = two_at(message, query.size + 1);
  query.size += 5;
  return query;
}

}  // namespace

class NameServer::Server : public std::enable_shared_from_this<Server> {
 public:
  Server(asio::io_context& io, NameServer& owner) : datagrams(io), acceptor(io), owner_(&owner) {}

  void bind(const std::string& address, std::uint16_t port) {
    const auto where = asio::ip::make_address(address);
    for (int tries = 0; tries < 100; ++tries) {
      datagrams = udp::socket(datagrams.get_executor(), {where, port});
      boost::system::error_code error;
      acceptor = tcp::acceptor(acceptor.get_executor(), tcp::v4());
      acceptor.bind({where, datagrams.local_endpoint().port()}, error);
      if (!error) {
        acceptor.listen();
        return;
      }
    }
    throw std::runtime_error("no port is free for both UDP and TCP");
  }

  // Both hold the server; they end when it is closed.
  static Task<> serve_datagrams(std::shared_ptr<Server> self) {
    std::array<char, 512> room{};
    for (;;) {
      udp::endpoint who;
      auto buffer = asio::buffer(room);
      const auto [error, size] = co_await self->datagrams.async_receive_from(buffer, who, kTuple);
      if (self->owner_ == nullptr) co_return;
      if (error) continue;
      const auto answer = self->answer({room.data(), size}, false);
      if (!answer) continue;
      boost::system::error_code ignored;
      self->datagrams.send_to(asio::buffer(*answer), who, 0, ignored);
    }
  }
  static Task<> serve_streams(std::shared_ptr<Server> self) {
    for (;;) {
      auto [error, socket] = co_await self->acceptor.async_accept(kTuple);
      if (self->owner_ == nullptr) co_return;
      if (!error)
        asio::co_spawn(self->acceptor.get_executor(), stream(self, std::move(socket)), asio::detached);
    }
  }

  void close() {
    owner_ = nullptr;
    boost::system::error_code ignored;
    datagrams.close(ignored);
    acceptor.close(ignored);
  }

  udp::socket datagrams;
  tcp::acceptor acceptor;

 private:
  // One message after the other, each behind its length (RFC 1035, 4.2.2).
  static Task<> stream(std::shared_ptr<Server> self, tcp::socket socket) {
    for (;;) {
      std::string bytes(2, '\0');
      auto head = asio::buffer(bytes);
      auto [head_error, head_size] = co_await asio::async_read(socket, head, kTuple);
      if (head_error) co_return;
      bytes.resize(two_at(bytes, 0));
      auto rest = asio::buffer(bytes);
      auto [error, size] = co_await asio::async_read(socket, rest, kTuple);
      if (error || self->owner_ == nullptr) co_return;
      const auto answer = self->answer(bytes, true);
      if (!answer) continue;
      const std::string framed = two(static_cast<unsigned>(answer->size())) + *answer;
      auto out = asio::buffer(framed);
      co_await asio::async_write(socket, out, kTuple);
    }
  }

  std::optional<std::string> answer(std::string_view message, bool stream) {
    const Query query = read(message);
    owner_->asked.push_back(query.name + (query.type == kA ? " A" : " AAAA") + (stream ? " over TCP" : ""));
    Name name{{}, Says::kNoSuchName, {}, false, false};
    if (const auto known = owner_->names.find(query.name); known != owner_->names.end()) name = known->second;
    if (name.says == Says::kNothing || (name.silent_for_ipv6 && query.type == kAaaa)) return std::nullopt;
    const bool cut = name.truncated && !stream;
    unsigned count = 0;
    std::string records;
    std::string owner("\xc0\x0c", 2);  // the name of the question
    if (!cut && name.says == Says::kAddresses) {
      if (!name.alias.empty()) {
        records += record(owner, kCname, labels(name.alias));
        owner = labels(name.alias);
        ++count;
      }
      for (const std::string& text : name.addresses) {
        const auto address = IpAddress::parse(text).value();
        if (address.is_v4() != (query.type == kA)) continue;
        records += record(owner, query.type, {address.bytes().begin(), address.bytes().end()});
        ++count;
      }
    }
    // Section 4.1.1: an answer, truncated or not, to what asked for recursion, which is at hand.
    const unsigned code = name.says == Says::kNoSuchName ? 3 : name.says == Says::kServerFailure ? 2 : 0;
    const unsigned flags = 0x8180 + (cut ? 0x0200 : 0) + code;
    return std::string(message.substr(0, 2)) + two(flags) + two(1) + two(count) + two(0) + two(0) +
           std::string(message.substr(kHeader, query.size - kHeader)) + records;
  }

  NameServer* owner_;  // nullptr: closed
};

NameServer::NameServer(asio::io_context& io, const std::string& address, std::uint16_t port)
    : server_(std::make_shared<Server>(io, *this)) {
  server_->bind(address, port);
  asio::co_spawn(io, Server::serve_datagrams(server_), asio::detached);
  asio::co_spawn(io, Server::serve_streams(server_), asio::detached);
}

NameServer::~NameServer() { server_->close(); }

std::uint16_t NameServer::port() const { return server_->acceptor.local_endpoint().port(); }

}  // namespace pollux::test
