#pragma once
// SPDX-License-Identifier: Apache-2.0
// Counts what reaches an upstream in the windows of one limit, as the upstream itself would: knows nothing of
// how Pollux keeps limits. Pure; one thread.

#include <cstdint>
#include <deque>

#include "base/clock.hpp"
#include "config/upstream.hpp"

namespace pollux::plan {

class WindowCount {
 public:
  explicit WindowCount(config::Limit limit) : limit_(std::move(limit)) {}

  const config::Limit& limit() const { return limit_; }
  /// In the order of time.
  void add(Time at);
  /// The most in any window so far.
  std::uint64_t most() const { return most_; }

 private:
  config::Limit limit_;
  Time end_{};               // fixed: of the window that is counted
  std::uint64_t count_ = 0;  // fixed: in it
  std::deque<Time> recent_;  // sliding
  std::uint64_t most_ = 0;
};

}  // namespace pollux::plan
