// SPDX-License-Identifier: Apache-2.0
#include "net/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <utility>

#include "net/deadline.hpp"

namespace pollux::net {
namespace {

std::string text_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

}  // namespace

// Shared with the completion handlers, which may outlive the group when the io_context is torn down.
struct TaskGroup::State {
  State(asio::any_io_executor where, std::size_t most, OnFault report)
      : executor(std::move(where)), bound(most), on_fault(std::move(report)), changed(executor) {
    changed.expires_at(std::chrono::steady_clock::time_point::max());
  }

  asio::any_io_executor executor;
  std::size_t bound;
  OnFault on_fault;
  asio::steady_timer changed;  // never fires: canceled to wake those who wait for a task to end
  std::list<asio::cancellation_signal> running;
  bool canceled = false;
};

TaskGroup::TaskGroup(asio::any_io_executor executor, std::size_t bound, OnFault on_fault)
    : state_(std::make_shared<State>(std::move(executor), bound, std::move(on_fault))) {}

TaskGroup::~TaskGroup() { cancel_all(); }

bool TaskGroup::spawn(Task<> task) {
  if (state_->canceled || state_->running.size() >= state_->bound) return false;
  auto place = state_->running.emplace(state_->running.end());
  auto ended = [state = state_, place](const std::exception_ptr& thrown) {
    state->running.erase(place);
    state->changed.cancel();
    if (thrown && !is_cancellation(thrown) && state->on_fault) state->on_fault(text_of(thrown));
  };
  asio::co_spawn(state_->executor, std::move(task),
                 asio::bind_cancellation_slot(place->slot(), std::move(ended)));
  return true;
}

void TaskGroup::cancel_all() {
  state_->canceled = true;
  for (auto& signal : state_->running) signal.emit(asio::cancellation_type::terminal);
}

Task<> TaskGroup::join() {
  auto state = state_;
  while (!state->running.empty()) {
    co_await state->changed.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

Task<> TaskGroup::room() {
  auto state = state_;
  while (state->running.size() >= state->bound) {
    co_await state->changed.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

std::size_t TaskGroup::size() const { return state_->running.size(); }

}  // namespace pollux::net
