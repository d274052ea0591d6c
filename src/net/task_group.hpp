#pragma once
// SPDX-License-Identifier: Apache-2.0
// Owns every spawned coroutine, so that no work is detached: it bounds how many there are, catches what they
// throw, and ends them all. Owned by whoever spawns (a server, the app), used on the io thread only. Spawned
// coroutines take values. A coroutine that ends by being canceled is no fault; any other exception goes to
// the callback as text.

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "net/task.hpp"

namespace pollux::net {

class TaskGroup {
 public:
  /// What a task threw. Called on the io thread; must not throw.
  using OnFault = std::function<void(const std::string& what)>;

  TaskGroup(asio::any_io_executor executor, std::size_t bound, OnFault on_fault);
  /// Cancels what still runs. Join first: afterwards a task may still run to its next wait.
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts the task; false (and the task is dropped unstarted) when the group is full or has been canceled.
  [[nodiscard]] bool spawn(Task<> task);

  /// Ends all tasks at their next wait, and refuses new ones from now on.
  void cancel_all();

  /// Ends when no task is left.
  Task<> join();

  /// Ends when there is room for one more.
  Task<> room();

  std::size_t size() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace pollux::net
