#pragma once
// SPDX-License-Identifier: Apache-2.0
// Turns schedule rules into starts: one timer for everything. A slot that passed while the machine slept or
// the clock jumped is not made up for: the next one is. Owned by the app; io thread. The clock is passed in;
// step() is all of the logic and is tested without a timer.

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "calendar/schedule_rule.hpp"
#include "net/task.hpp"
#include "schedule/due_queue.hpp"

namespace pollux::schedule {

struct Entry {
  calendar::ScheduleRule rule;
  Millis jitter{0};  // each start comes up to this much after its slot, by chance
};

class Scheduler {
 public:
  using Id = DueQueue::Id;
  using Start = std::function<void(Id)>;   // must return at once: it spawns the run
  using Chance = std::function<double()>;  // in [0, 1)

  Scheduler(asio::any_io_executor executor, const Clock& clock, Start start, Chance chance);

  /// Ids count from 0 in the order of the calls. `last_run` is when the poll last ran, before this start of
  /// the program: an interval that has passed since then, or was never begun, makes it due now.
  Id add(Entry entry, std::optional<Time> last_run);

  /// Starts what is due at `now` and sets each one's next slot. How long there is nothing to do from then;
  /// nullopt: for ever.
  std::optional<Millis> step(Time now);

  /// When the poll is due next.
  std::optional<Time> next(Id id) const { return queue_.due(id); }

  /// Steps until it is canceled.
  Task<> work();

 private:
  void set_next(Id id, Time after);

  asio::steady_timer timer_;
  const Clock& clock_;
  Start start_;
  Chance chance_;
  DueQueue queue_;
  std::vector<Entry> entries_;
};

}  // namespace pollux::schedule
