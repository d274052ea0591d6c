#pragma once
// SPDX-License-Identifier: Apache-2.0
// What is due when: a heap of times, so that 100,000 pending polls cost one timer. No clock, no I/O: times
// in, ids out. One thread.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"

namespace pollux::schedule {

class DueQueue {
 public:
  using Id = std::uint32_t;  // small numbers from 0: the caller's index

  /// Sets or moves the one pending time of `id`.
  void set(Id id, Time due);
  /// Takes it out; nothing if it is not in.
  void remove(Id id);

  /// The earliest pending time.
  std::optional<Time> earliest();
  /// The pending time of `id`.
  std::optional<Time> due(Id id) const;

  /// Takes out all that are due at `now`, the earliest first.
  std::vector<Id> take_due(Time now);

 private:
  struct Pending {
    Time due{};
    std::uint32_t turn = 0;  // of the id: an older one is a leftover
    bool set = false;
  };
  struct Item {
    Time due;
    Id id;
    std::uint32_t turn;
  };
  static bool later(const Item& a, const Item& b);
  void drop_leftovers();

  std::vector<Item> heap_;
  std::vector<Pending> pending_;
};

}  // namespace pollux::schedule
