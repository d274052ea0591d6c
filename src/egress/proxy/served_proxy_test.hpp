#pragma once
// SPDX-License-Identifier: Apache-2.0
// A proxy on the test's own io_context, from its construction to its end, which is waited for: whatever it
// still has under way is gone before anything else of the test is. io thread.

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <memory>
#include <utility>

#include "egress/proxy/forward_proxy.hpp"

namespace pollux::egress {

inline RuleSet allowed(std::initializer_list<const char*> texts) {
  std::vector<Rule> rules;
  for (const char* text : texts) rules.push_back(*parse_rule(text));
  return RuleSet::allow(std::move(rules), PortSet::all());
}

class ServedProxy {
 public:
  ServedProxy(asio::io_context& io, ProxyOptions options, std::shared_ptr<const Clients> clients,
              log::Logger& logger)
      : io_(io),
        proxy_(io, std::move(options), std::move(clients), logger),
        port_(proxy_.bind("127.0.0.1", 0).value()) {
    auto done = [this](const std::exception_ptr& thrown) {
      ended_ = true;
      EXPECT_FALSE(thrown);
    };
    asio::co_spawn(io, proxy_.serve(), asio::bind_cancellation_slot(cancel_.slot(), done));
  }
  ~ServedProxy() { stop(); }
  ServedProxy(const ServedProxy&) = delete;
  ServedProxy& operator=(const ServedProxy&) = delete;

  std::uint16_t port() const { return port_; }
  void replace(std::shared_ptr<const Clients> clients) { proxy_.replace(std::move(clients)); }
  std::string metrics() const { return proxy_.metrics(); }

  /// Lets what is under way end.
  void stop() {
    proxy_.stop();
    run_until_ended();
    EXPECT_TRUE(ended_) << "connections that do not end: " << proxy_.connections();
    if (!ended_) cut();
  }
  /// Ends it.
  void cut() {
    cancel_.emit(asio::cancellation_type::terminal);
    run_until_ended();
    EXPECT_TRUE(ended_) << "connections that cannot be cut: " << proxy_.connections();
  }

 private:
  void run_until_ended() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    io_.restart();
    while (!ended_ && io_.run_one_until(end) > 0) {
    }
  }

  asio::io_context& io_;
  ForwardProxy proxy_;
  std::uint16_t port_;
  asio::cancellation_signal cancel_;
  bool ended_ = false;
};

}  // namespace pollux::egress
