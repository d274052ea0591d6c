// SPDX-License-Identifier: Apache-2.0
#include "net/deadline.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <stdexcept>

#include "tests/support/run_task.hpp"

namespace pollux::net {
namespace {

using namespace std::chrono_literals;

Task<Result<int>> forty_two() { co_return 42; }

Task<Result<int>> never(bool& gone) {
  struct Mark {
    bool& gone;
    ~Mark() { gone = true; }
  };
  Mark mark{gone};
  asio::steady_timer timer(co_await asio::this_coro::executor, 1h);
  co_await timer.async_wait(asio::use_awaitable);
  co_return 1;
}

Task<Result<int>> throws() {
  throw std::logic_error("a bug");
  co_return 1;
}

TEST(WithDeadline, hands_on_what_ends_in_time) {
  asio::io_context io;
  auto result = test::run_task(io, with_deadline(forty_two(), 10s, "counting"));
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, 42);
}

TEST(WithDeadline, ends_a_task_that_does_not_and_says_what_it_was) {
  asio::io_context io;
  bool gone = false;
  auto result = test::run_task(io, with_deadline(never(gone), 20ms, "waiting for api.example.gov"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kTimeout);
  EXPECT_EQ(result.error().retry, Retry::later());
  EXPECT_EQ(result.error().message.find("waiting for api.example.gov: no end after"), 0U);
  EXPECT_TRUE(gone) << "the task's frame must not outlive the wait";
}

TEST(WithDeadline, throws_on_what_the_task_throws) {
  asio::io_context io;
  EXPECT_THROW((void)test::run_task(io, with_deadline(throws(), 10s, "x")), std::logic_error);
}

TEST(WithDeadline, being_canceled_from_outside_is_canceled_and_not_a_timeout) {
  asio::io_context io;
  bool gone = false;
  asio::cancellation_signal signal;
  std::optional<Result<int>> result;
  auto done = [&](const std::exception_ptr&, Result<int> value) { result = std::move(value); };
  asio::co_spawn(io, with_deadline(never(gone), 1h, "x"), asio::bind_cancellation_slot(signal.slot(), done));
  io.poll();
  ASSERT_FALSE(result.has_value());
  signal.emit(asio::cancellation_type::terminal);
  io.run_for(10s);
  ASSERT_TRUE(result.has_value());
  ASSERT_FALSE(*result);
  EXPECT_EQ(result->error().kind, ErrorKind::kCanceled);
  EXPECT_TRUE(gone);
}

}  // namespace
}  // namespace pollux::net
