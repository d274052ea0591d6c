// SPDX-License-Identifier: Apache-2.0
#include "schedule/due_queue.hpp"

#include <algorithm>

namespace pollux::schedule {

// Among equals the smaller id first, so that runs start in the order of the file.
bool DueQueue::later(const Item& a, const Item& b) { return a.due != b.due ? a.due > b.due : a.id > b.id; }

void DueQueue::set(Id id, Time due) {
  if (id >= pending_.size()) pending_.resize(id + 1);
  Pending& pending = pending_[id];
  pending = {due, pending.turn + 1, true};
  heap_.push_back({due, id, pending.turn});
  std::ranges::push_heap(heap_, &DueQueue::later);
}

void DueQueue::remove(Id id) {
  if (id < pending_.size()) pending_[id].set = false;
}

std::optional<Time> DueQueue::due(Id id) const {
  if (id >= pending_.size() || !pending_[id].set) return std::nullopt;
  return pending_[id].due;
}

void DueQueue::drop_leftovers() {
  while (!heap_.empty()) {
    const Pending& pending = pending_[heap_.front().id];
    if (pending.set && pending.turn == heap_.front().turn) return;
    std::ranges::pop_heap(heap_, &DueQueue::later);
    heap_.pop_back();
  }
}

std::optional<Time> DueQueue::earliest() {
  drop_leftovers();
  if (heap_.empty()) return std::nullopt;
  return heap_.front().due;
}

std::vector<DueQueue::Id> DueQueue::take_due(Time now) {
  std::vector<Id> out;
  for (auto first = earliest(); first && *first <= now; first = earliest()) {
    Id id = heap_.front().id;
    remove(id);
    out.push_back(id);
  }
  return out;
}

}  // namespace pollux::schedule
