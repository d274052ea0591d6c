#pragma once
// SPDX-License-Identifier: Apache-2.0
// A wait that a cancellation does not end at once: for what has an effect elsewhere that nobody could make
// good, such as an exchange of tokens. It is not waited for without an end either: a peer that hangs must not
// hold a program that was asked to stop. Io thread. What the task throws is thrown on.

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

#include "base/units.hpp"
#include "net/task.hpp"

namespace pollux::net {

/// Cancels what is waited for, a while after whoever waits was canceled.
class LateCancellation : public std::enable_shared_from_this<LateCancellation> {
 public:
  LateCancellation(const asio::any_io_executor& executor, Millis grace) : timer_(executor), grace_(grace) {}
  asio::cancellation_slot slot() { return signal_.slot(); }
  void begin() {
    if (std::exchange(begun_, true)) return;
    timer_.expires_after(grace_);
    // The timer may have fired already when the wait is over: then it keeps this alive, and does nothing.
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error && !self->over_) self->signal_.emit(asio::cancellation_type::terminal);
    });
  }
  void end() {
    over_ = true;
    timer_.cancel();
  }

 private:
  asio::steady_timer timer_;
  Millis grace_;
  asio::cancellation_signal signal_;
  bool begun_ = false;
  bool over_ = false;
};

/// Runs `task`, which a cancellation of the awaiting coroutine reaches only after `grace`, counted from that
/// cancellation, or from here where it came before. The task is over when this returns.
template <class T>
Task<T> see_through(Task<T> task, Millis grace) {
  auto executor = co_await asio::this_coro::executor;
  auto state = co_await asio::this_coro::cancellation_state;
  auto late = std::make_shared<LateCancellation>(executor, grace);
  struct Watch {
    asio::cancellation_slot slot;
    LateCancellation& late;
    ~Watch() {
      slot.clear();
      late.end();
    }
  };
  const Watch watch{state.slot(), *late};
  if (state.slot().is_connected())
    state.slot().assign([&late = *late](asio::cancellation_type) { late.begin(); });
  if (state.cancelled() != asio::cancellation_type::none) late->begin();
  auto token = asio::bind_cancellation_slot(late->slot(), asio::use_awaitable);
  co_return co_await asio::co_spawn(executor, std::move(task), token);
}

}  // namespace pollux::net
