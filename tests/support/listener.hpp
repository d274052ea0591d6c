#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the recording proxies have in common: a port of 127.0.0.1 with a thread of its own that serves each
// connection, and a list of what was asked. Made last and ended first by its owner: `serve` may use all else.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/task.hpp"

namespace pollux::test {

using Socket = std::shared_ptr<asio::ip::tcp::socket>;

class Listener {
 public:
  /// `serve` is called on the listener's thread; what it throws ends that connection only.
  explicit Listener(std::function<Task<>(Socket)> serve);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  void note(std::string request);
  /// What was noted, in the order in which it came.
  std::vector<std::string> requests() const;

 private:
  Task<> accept();

  std::function<Task<>(Socket)> serve_;
  asio::io_context io_;
  asio::ip::tcp::acceptor acceptor_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

/// Passes bytes on in both directions until both have ended.
Task<> relay_both(Socket client, Socket server);

}  // namespace pollux::test
