#pragma once
// SPDX-License-Identifier: Apache-2.0
// A poll of a growing log with a cursor and a window, in a world that can be ended. One thread.

#include <gtest/gtest.h>

#include "base/units.hpp"
#include "poll/world_test.hpp"

namespace pollux::poll {

inline const Time kNow = *parse_time("2026-01-02T10:00:00Z");

class Incremental : public testing::Test {
 protected:
  Incremental() { world_.upstream = GrowingLog{6, 2, 100}; }

  void answer(std::string body) {
    world_.upstream = [b = std::move(body)](const net::HttpRequest&) {
      return test::response(200, b, {{"Content-Type", "application/json"}});
    };
  }
  Life start() { return Life(world_, poll_, io_, pool_, clock_); }
  std::string url(Life& life) { return life.requests().back().url; }

  World world_;
  config::Poll poll_ = log_poll(100);
  asio::io_context io_;
  asio::thread_pool pool_{1};
  FixedClock clock_{kNow};
};

}  // namespace pollux::poll
