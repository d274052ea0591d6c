#pragma once
// SPDX-License-Identifier: Apache-2.0
// A clock that jumps from one thing to do to the next, so that a week takes seconds. Things at the same
// moment are done in the order in which they were put down. Pure; one thread.

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "base/clock.hpp"

namespace pollux::plan {

class Agenda {
 public:
  using Deed = std::function<void()>;

  explicit Agenda(Time begin) : clock_(begin) {}

  const Clock& clock() const { return clock_; }
  Time now() const { return clock_.now(); }

  /// A moment that has passed means now.
  void at(Time time, Deed deed) { entries_.push({std::max(time, now()), next_++, std::move(deed)}); }

  /// Everything before `end`; what is later stays undone.
  void run_until(Time end) {
    while (!entries_.empty() && entries_.top().at < end) {
      clock_.set(entries_.top().at);
      const Deed deed = entries_.top().deed;
      entries_.pop();
      deed();
    }
    clock_.set(end);
  }

 private:
  struct Entry {
    Time at;
    std::uint64_t turn;
    Deed deed;
    bool operator<(const Entry& other) const { return at != other.at ? at > other.at : turn > other.turn; }
  };
  FixedClock clock_;
  std::priority_queue<Entry> entries_;
  std::uint64_t next_ = 0;
};

}  // namespace pollux::plan
