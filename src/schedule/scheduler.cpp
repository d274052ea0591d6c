// SPDX-License-Identifier: Apache-2.0
#include "schedule/scheduler.hpp"

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>

namespace pollux::schedule {
namespace {

// The timer runs on steady time, slots on wall time: looking up at least this often notices that the wall
// clock was set.
constexpr Millis kLookUp = std::chrono::seconds(5);

bool overdue(const calendar::ScheduleRule& rule, std::optional<Time> last_run, Time now) {
  const auto* every = std::get_if<calendar::Every>(&rule);
  if (every == nullptr) return false;  // a cron expression names moments: one that has passed has passed
  return !last_run || now - *last_run >= every->period || *last_run > now;
}

}  // namespace

Scheduler::Scheduler(asio::any_io_executor executor, const Clock& clock, Start start, Chance chance)
    : timer_(executor), clock_(clock), start_(std::move(start)), chance_(std::move(chance)) {}

Scheduler::Id Scheduler::add(Entry entry, std::optional<Time> last_run) {
  Id id = static_cast<Id>(entries_.size());
  Time now = clock_.now();
  bool due_now = overdue(entry.rule, last_run, now);
  entries_.push_back(std::move(entry));
  if (due_now) {
    queue_.set(id, now);
  } else {
    set_next(id, now);
  }
  return id;
}

void Scheduler::set_next(Id id, Time after) {
  const Entry& entry = entries_[id];
  auto slot = calendar::next_slot(entry.rule, after);
  if (!slot) return;
  Millis late(static_cast<std::int64_t>(static_cast<double>(entry.jitter.count()) * chance_()));
  queue_.set(id, *slot + late);
}

std::optional<Millis> Scheduler::step(Time now) {
  for (Id id : queue_.take_due(now)) {
    set_next(id, now);
    start_(id);
  }
  auto earliest = queue_.earliest();
  if (!earliest) return std::nullopt;
  return std::max(Millis(0), *earliest - now);
}

Task<> Scheduler::work() {
  for (;;) {
    Millis idle = step(clock_.now()).value_or(kLookUp);
    timer_.expires_after(std::min(idle, kLookUp));
    co_await timer_.async_wait(asio::use_awaitable);
  }
}

}  // namespace pollux::schedule
