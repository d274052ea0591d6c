#pragma once
// SPDX-License-Identifier: Apache-2.0
// Listens at an address and serves whoever connects, each in a coroutine of its own, so many at a time. What
// an HTTP server and the egress proxy both stand on. Its owner keeps it until serve() has ended; io thread.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "net/task.hpp"
#include "net/task_group.hpp"

namespace pollux::net {

class Listener {
 public:
  /// Serves one connection to its end.
  using Serve = std::function<Task<>(asio::ip::tcp::socket)>;

  /// More than `bound` connections wait in the kernel's queue. `on_fault` hears what a coroutine threw, and
  /// of an accept that failed.
  Listener(asio::io_context& io, std::size_t bound, TaskGroup::OnFault on_fault);

  /// `host` is an address or "localhost"; port 0 takes any. The port that it became. kNetwork: taken, not
  /// allowed, no such address.
  Result<std::uint16_t> bind(const std::string& host, std::uint16_t port);

  struct Hooks {
    std::function<void()> on_cut;   // serve() was canceled: before all connections are cut
    std::function<void()> on_full;  // one more than `bound` wants to come: end one that does nothing
  };

  /// Accepts until close(), then until the last connection has ended. Canceled, it closes, and cuts all
  /// connections first.
  Task<> serve(Serve serve, Hooks hooks);

  /// Takes no new connection.
  void close();

  /// Connections that are open now.
  std::size_t connections() const { return group_.size(); }

 private:
  Task<> accept_until_closed(const Serve& serve, const Hooks& hooks);

  asio::io_context& io_;
  std::size_t bound_;
  TaskGroup::OnFault on_fault_;
  asio::ip::tcp::acceptor acceptor_;
  TaskGroup group_;
};

}  // namespace pollux::net
