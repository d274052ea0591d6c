#pragma once
// SPDX-License-Identifier: Apache-2.0
// A proxy for tests on a thread of its own, as in the field: what its clients do meets it at any point of its
// work. Ends with its owner, and fails the test where a connection stays or it had a fault to log. Any
// thread.

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "egress/proxy/forward_proxy.hpp"

namespace pollux::egress {

class ProxyThread {
 public:
  ProxyThread(ProxyOptions options, std::shared_ptr<const Clients> clients)
      : proxy_(io_, std::move(options), std::move(clients), logger_),
        port_(proxy_.bind("127.0.0.1", 0).value()),
        served_(asio::co_spawn(io_, proxy_.serve(), asio::use_future)),
        thread_([this] { io_.run(); }) {}

  ~ProxyThread() {
    on_it([this] { proxy_.stop(); });
    EXPECT_EQ(served_.wait_for(std::chrono::seconds(20)), std::future_status::ready);
    io_.stop();
    thread_.join();
    EXPECT_EQ(proxy_.connections(), 0U);
  }

  ProxyThread(const ProxyThread&) = delete;
  ProxyThread& operator=(const ProxyThread&) = delete;

  asio::ip::tcp::endpoint place() const { return {asio::ip::address_v4::loopback(), port_}; }

  std::size_t connections() {
    std::size_t out = 0;
    on_it([&] { out = proxy_.connections(); });
    return out;
  }

  void replace(std::shared_ptr<const Clients> clients) {
    on_it([&] { proxy_.replace(std::move(clients)); });
  }

 private:
  template <class Work>
  void on_it(Work work) {
    std::promise<void> done;
    asio::post(io_, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  asio::io_context io_;
  Redactor redactor_;
  log::Logger logger_{log::Level::kError, log::Logger::Format::kJson, redactor_,
                      [](log::Level, std::string_view line) { ADD_FAILURE() << line; }};
  ForwardProxy proxy_;
  std::uint16_t port_;
  std::future<void> served_;
  std::thread thread_;
};

}  // namespace pollux::egress
