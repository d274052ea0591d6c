#pragma once
// SPDX-License-Identifier: Apache-2.0
// The clock is passed in, so that a week is simulated in a second and `--at` can run as if at another time.
// Wall time decides when a poll is due and what is written; steady time measures how long something took.

#include <chrono>

namespace pollux {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using Millis = std::chrono::milliseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall time, UTC.
  virtual Time now() const = 0;
  /// Never goes back; only differences mean anything.
  virtual std::chrono::steady_clock::time_point steady() const { return std::chrono::steady_clock::now(); }
};

class SystemClock final : public Clock {
 public:
  Time now() const override { return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()); }
};

/// Stands still until it is moved. For tests, simulation, and `--at`.
class FixedClock final : public Clock {
 public:
  explicit FixedClock(Time time) : time_(time) {}
  Time now() const override { return time_; }
  void advance(Millis by) { time_ += by; }
  void set(Time time) { time_ = time; }

 private:
  Time time_;
};

}  // namespace pollux
