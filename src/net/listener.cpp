// SPDX-License-Identifier: Apache-2.0
#include "net/listener.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/units.hpp"

namespace pollux::net {
namespace {

using asio::ip::tcp;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr Millis kBackoffFrom{10};
constexpr Millis kBackoffTo{1000};

boost::system::error_code open_at(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  boost::system::error_code error;
  boost::system::error_code ignored;
  acceptor.close(ignored);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) acceptor.close(ignored);
  return error;
}

}  // namespace

Listener::Listener(asio::io_context& io, std::size_t bound, TaskGroup::OnFault on_fault)
    : io_(io),
      bound_(bound),
      on_fault_(on_fault),
      acceptor_(io),
      group_(io.get_executor(), bound, std::move(on_fault)) {}

Result<std::uint16_t> Listener::bind(const std::string& host, std::uint16_t port) {
  boost::system::error_code error;
  auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  std::string place = host + ":" + std::to_string(port);
  if (error)
    return fail(ErrorKind::kNetwork, "cannot listen at " + place + ": not an IP address or localhost");
  error = open_at(acceptor_, {address, port});
  if (error) return fail(ErrorKind::kNetwork, "cannot listen at " + place + ": " + error.message());
  return acceptor_.local_endpoint().port();
}

Task<> Listener::accept_until_closed(const Serve& serve, const Hooks& hooks) {
  Millis backoff = kBackoffFrom;
  while (acceptor_.is_open()) {
    if (group_.size() >= bound_ && hooks.on_full) {
      co_await acceptor_.async_wait(tcp::acceptor::wait_read, kTuple);
      if (!acceptor_.is_open()) break;
      hooks.on_full();
    }
    co_await group_.room();
    if (!acceptor_.is_open()) break;
    auto [error, socket] = co_await acceptor_.async_accept(kTuple);
    if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) break;
    if (!error) {
      backoff = kBackoffFrom;
      if (!group_.spawn(serve(std::move(socket)))) break;
      continue;
    }
    // Out of file descriptors (EMFILE) or memory: accepting again at once would only burn the CPU.
    if (on_fault_) on_fault_("accept: " + error.message());
    asio::steady_timer timer(io_, backoff);
    backoff = std::min(backoff * 2, kBackoffTo);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

Task<> Listener::serve(Serve serve, Hooks hooks) {
  bool cut = false;
  try {
    co_await accept_until_closed(serve, hooks);
    co_await group_.join();
  } catch (const boost::system::system_error&) {
    cut = true;
  }
  auto state = co_await asio::this_coro::cancellation_state;
  if (cut || state.cancelled() != asio::cancellation_type::none) {
    close();
    if (hooks.on_cut) hooks.on_cut();
    group_.cancel_all();
    // A canceled coroutine cannot wait; the connections' ends must be waited for all the same.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await group_.join();
  }
}

void Listener::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
}

}  // namespace pollux::net
