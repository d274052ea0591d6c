// SPDX-License-Identifier: Apache-2.0
#include "tests/support/listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <exception>
#include <utility>

namespace pollux::test {
namespace {

using asio::ip::tcp;

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

}  // namespace

Listener::Listener(std::function<Task<>(Socket)> serve)
    : serve_(std::move(serve)), acceptor_(io_, {asio::ip::address_v4::loopback(), 0}) {
  asio::co_spawn(io_, accept(), asio::detached);
  thread_ = std::thread([this] { io_.run(); });
}

Listener::~Listener() {
  io_.stop();
  thread_.join();
}

void Listener::note(std::string request) {
  std::lock_guard lock(mutex_);
  requests_.push_back(std::move(request));
}

std::vector<std::string> Listener::requests() const {
  std::lock_guard lock(mutex_);
  return requests_;
}

Task<> Listener::accept() {
  for (;;) {
    auto client = std::make_shared<tcp::socket>(io_);
    co_await acceptor_.async_accept(*client, asio::use_awaitable);
    // A connection that breaks ends its own coroutine only.
    asio::co_spawn(io_, serve_(client), [](const std::exception_ptr&) {});
  }
}

Task<> relay_both(Socket client, Socket server) {
  auto executor = co_await asio::this_coro::executor;
  asio::co_spawn(executor, relay(client, server), asio::detached);
  co_await relay(server, client);
}

}  // namespace pollux::test
