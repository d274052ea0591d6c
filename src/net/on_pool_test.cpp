// SPDX-License-Identifier: Apache-2.0
#include "net/on_pool.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <optional>
#include <stdexcept>
#include <thread>

#include "tests/support/run_task.hpp"

namespace pollux::net {
namespace {

// Work that says when it has begun and ends when it is told to.
struct Held {
  std::promise<void> begun;
  std::promise<void> go;
  int times = 0;

  Result<int> run() {
    ++times;
    begun.set_value();
    go.get_future().wait();
    return 7;
  }
};

struct Fixture {
  asio::io_context io;
  asio::thread_pool pool{1};
  asio::cancellation_signal stop;
  std::optional<Result<int>> outcome;

  void start(Held& held) {
    auto done = [this](const std::exception_ptr& thrown, Result<int> result) {
      if (!thrown) outcome = std::move(result);
    };
    auto work = [&held] { return held.run(); };
    asio::co_spawn(io, on_pool(pool, work), asio::bind_cancellation_slot(stop.slot(), done));
    io.poll();
  }
  // The signal reaches the coroutine on the io thread.
  void cancel() {
    stop.emit(asio::cancellation_type::terminal);
    io.poll();
  }
};

TEST(OnPool, hands_on_the_result_of_work_that_was_canceled_after_it_began) {
  Fixture f;
  Held held;
  f.start(held);
  held.begun.get_future().wait();
  f.cancel();
  held.go.set_value();
  f.io.run();
  ASSERT_TRUE(f.outcome.has_value());
  ASSERT_TRUE(f.outcome->has_value());
  EXPECT_EQ(**f.outcome, 7);
}

TEST(OnPool, does_not_begin_what_was_canceled_while_it_waited_for_a_thread) {
  Fixture f;
  Held first;
  asio::post(f.pool, [&first] { EXPECT_TRUE(first.run()); });
  first.begun.get_future().wait();
  Held second;
  second.go.set_value();
  f.start(second);
  f.cancel();
  first.go.set_value();
  f.io.run();
  ASSERT_TRUE(f.outcome.has_value());
  ASSERT_FALSE(f.outcome->has_value());
  EXPECT_EQ(f.outcome->error().kind, ErrorKind::kCanceled);
  EXPECT_EQ(second.times, 0);
}

TEST(OnPool, throws_on_what_the_work_throws) {
  Fixture f;
  auto work = []() -> Result<int> { throw std::runtime_error("a bug"); };
  EXPECT_THROW(EXPECT_TRUE(test::run_task(f.io, on_pool(f.pool, work))), std::runtime_error);
}

TEST(OnPool, stays_on_the_io_thread_with_what_is_small) {
  Fixture f;
  auto where = []() -> Result<std::thread::id> { return std::this_thread::get_id(); };
  auto thread_for = [&](asio::thread_pool* pool, std::size_t size) {
    return test::run_task(f.io, on_pool_if_large(pool, size, where)).value();
  };
  const auto here = std::this_thread::get_id();
  EXPECT_EQ(thread_for(&f.pool, kWorthThePool - 1), here);
  EXPECT_NE(thread_for(&f.pool, kWorthThePool), here);
  EXPECT_EQ(thread_for(nullptr, kWorthThePool), here);
}

}  // namespace
}  // namespace pollux::net
