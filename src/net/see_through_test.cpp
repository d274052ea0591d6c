// SPDX-License-Identifier: Apache-2.0
#include "net/see_through.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <optional>
#include <stdexcept>

#include "tests/support/run_task.hpp"

namespace pollux::net {
namespace {

using namespace std::chrono_literals;

/// Ends after a time with true, or with false where it is canceled.
Task<bool> undisturbed(Millis time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  boost::system::error_code error;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  co_return !error;
}

Task<bool> throws() {
  throw std::logic_error("a bug");
  co_return true;
}

/// Waits as a run does that goes on although it was canceled.
Task<> wait(Task<bool> task, Millis grace, std::optional<bool>& undisturbed) {
  co_await asio::this_coro::throw_if_cancelled(false);
  undisturbed = co_await see_through(std::move(task), grace);
}

struct Waiting {
  Waiting(Millis time, Millis grace) {
    asio::co_spawn(io, wait(undisturbed(time), grace, ended),
                   asio::bind_cancellation_slot(stop.slot(), [](const std::exception_ptr&) {}));
    io.poll();
  }
  asio::io_context io;
  asio::cancellation_signal stop;
  std::optional<bool> ended;
};

TEST(SeeThrough, hands_on_what_nobody_cancels) {
  asio::io_context io;
  EXPECT_TRUE(test::run_task(io, see_through(undisturbed(1ms), 0ms)));
  EXPECT_THROW((void)test::run_task(io, see_through(throws(), 1h)), std::logic_error);
}

TEST(SeeThrough, waits_on_when_it_is_canceled) {
  Waiting w(50ms, 1h);
  w.stop.emit(asio::cancellation_type::terminal);
  w.io.run();
  EXPECT_EQ(w.ended, true);
}

TEST(SeeThrough, waits_no_longer_than_it_may_once_it_is_canceled) {
  Waiting w(1h, 50ms);
  w.io.run_for(100ms);
  EXPECT_FALSE(w.ended) << "not canceled yet";
  w.stop.emit(asio::cancellation_type::terminal);
  w.stop.emit(asio::cancellation_type::terminal);
  w.io.run_for(10s);
  EXPECT_EQ(w.ended, false);
}

TEST(SeeThrough, counts_from_its_beginning_where_it_was_canceled_before) {
  asio::io_context io;
  asio::cancellation_signal stop;
  std::optional<bool> ended;
  auto late = [](std::optional<bool>& out) -> Task<> {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await undisturbed(1h);  // this is what the cancellation ends
    out = co_await see_through(undisturbed(1h), 50ms);
  };
  asio::co_spawn(io, late(ended),
                 asio::bind_cancellation_slot(stop.slot(), [](const std::exception_ptr&) {}));
  io.poll();
  stop.emit(asio::cancellation_type::terminal);
  io.run_for(10s);
  EXPECT_EQ(ended, false);
}

}  // namespace
}  // namespace pollux::net
