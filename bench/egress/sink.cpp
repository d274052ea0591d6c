// SPDX-License-Identifier: Apache-2.0
// What stands behind the proxies: on several loopback addresses at one port, so that no proxy runs out of
// ports of its own. The first byte of a connection says what it is for: 'P' is echoed and then nothing until
// the end, 'B' and eight bytes ask for so many, and anything else is a plain http request. Its processor time
// counts for nobody. Prints its port.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "bench/egress/wire.hpp"
#include "net/task.hpp"

namespace pollux::bench {
namespace {

using asio::ip::tcp;

Task<> send_bulk(tcp::socket& peer) {
  std::uint64_t left = 0;
  co_await asio::async_read(peer, asio::buffer(&left, sizeof left), asio::use_awaitable);
  static const std::string kPiece(256 * 1024, 'b');
  while (left > 0) {
    const auto piece = asio::buffer(kPiece.data(), std::min<std::uint64_t>(left, kPiece.size()));
    left -= co_await asio::async_write(peer, piece, asio::use_awaitable);
  }
}

Task<> answer_requests(tcp::socket& peer, char first) {
  static const std::string kBody(kAnswerSize, 'a');
  static const std::string kAnswer =
      fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", kBody.size(), kBody);
  std::string come(1, first);
  for (bool last = false; !last;) {
    auto bytes = asio::dynamic_buffer(come);
    const std::size_t head =
        co_await asio::async_read_until(peer, bytes, std::string_view("\r\n\r\n"), asio::use_awaitable);
    last = says_close(std::string_view(come).substr(0, head));
    come.erase(0, head);
    co_await asio::async_write(peer, asio::buffer(kAnswer), asio::use_awaitable);
  }
}

Task<> serve(tcp::socket peer) {
  try {
    char first = 0;
    co_await asio::async_read(peer, asio::buffer(&first, 1), asio::use_awaitable);
    if (first == kBulk) co_return co_await send_bulk(peer);
    if (first != kPing) co_return co_await answer_requests(peer, first);
    co_await asio::async_write(peer, asio::buffer(&first, 1), asio::use_awaitable);
    co_await asio::async_read(peer, asio::buffer(&first, 1), asio::use_awaitable);
  } catch (const boost::system::system_error&) {
    // The proxy went away: nothing to keep, nothing to say.
  }
}

Task<> accept(tcp::acceptor acceptor) {
  for (;;) {
    auto [error, peer] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
    if (error) continue;
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
  std::uint16_t port = 0;
  for (unsigned number = 0; number < bench::kAddresses; ++number) {
    asio::ip::tcp::acceptor acceptor(io, {bench::address(number), port});
    port = acceptor.local_endpoint().port();
    asio::co_spawn(io, bench::accept(std::move(acceptor)), asio::detached);
  }
  fmt::print("{}\n", port);
  std::fflush(stdout);
  io.run();
  return 0;
}
