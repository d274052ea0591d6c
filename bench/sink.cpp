// SPDX-License-Identifier: Apache-2.0
// A bucket that keeps nothing: answers 200 to every request over kept connections, as fast as it can be done,
// so that what is measured is the sender. A process of its own, whose processor time nobody counts. Prints
// its port.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>

#include "net/task.hpp"

namespace pollux::bench {
namespace {

using asio::ip::tcp;

constexpr std::string_view kLengthName = "\r\nContent-Length: ";
constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nETag: \"0\"\r\nContent-Length: 0\r\n\r\n";

std::size_t content_length(std::string_view head) {
  auto at = head.find(kLengthName);
  std::size_t length = 0;
  if (at != std::string_view::npos) {
    std::from_chars(head.data() + at + kLengthName.size(), head.data() + head.size(), length);
  }
  return length;
}

Task<> serve(tcp::socket peer) {
  std::string buffer;
  try {
    for (;;) {
      auto bytes = asio::dynamic_buffer(buffer);
      std::size_t head =
          co_await asio::async_read_until(peer, bytes, std::string_view("\r\n\r\n"), asio::use_awaitable);
      std::size_t whole = head + content_length(std::string_view(buffer).substr(0, head));
      if (buffer.size() < whole) {
        auto missing = asio::transfer_exactly(whole - buffer.size());
        co_await asio::async_read(peer, bytes, missing, asio::use_awaitable);
      }
      buffer.erase(0, whole);
      auto answer = asio::buffer(kAnswer);
      co_await asio::async_write(peer, answer, asio::use_awaitable);
    }
  } catch (const boost::system::system_error&) {
    // The sender went away: nothing to keep, nothing to say.
  }
}

Task<> accept(tcp::acceptor acceptor) {
  for (;;) {
    tcp::socket peer = co_await acceptor.async_accept(asio::use_awaitable);
    peer.set_option(tcp::no_delay(true));
    asio::co_spawn(acceptor.get_executor(), serve(std::move(peer)), asio::detached);
  }
}

}  // namespace
}  // namespace pollux::bench

int main() {
  using namespace pollux;
  asio::io_context io(1);
  asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](const boost::system::error_code&, int) { io.stop(); });
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  fmt::print("{}\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  asio::co_spawn(io, bench::accept(std::move(acceptor)), asio::detached);
  io.run();
  return 0;
}
