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

class OnPoolTest : public testing::Test {
 protected:
  template <class Work>
  void begin(Work work) {
    auto done = [this](const std::exception_ptr&, Result<int> result) { result_ = std::move(result); };
    asio::co_spawn(io_, on_pool(pool_, std::move(work)), asio::bind_cancellation_slot(stop_.slot(), done));
    io_.restart();
    io_.poll();
  }

  asio::io_context io_;
  asio::thread_pool pool_{2};
  asio::cancellation_signal stop_;
  std::optional<Result<int>> result_;
};

TEST_F(OnPoolTest, runs_work_on_another_thread_and_comes_back) {
  auto here = std::this_thread::get_id();
  std::thread::id there;
  auto work = [&there]() -> Result<int> {
    there = std::this_thread::get_id();
    return 42;
  };
  EXPECT_EQ(test::run_task(io_, on_pool(pool_, work)), 42);
  EXPECT_NE(there, here);
}

TEST_F(OnPoolTest, hands_on_what_the_work_throws) {
  auto work = []() -> Result<int> { throw std::logic_error("a bug"); };
  EXPECT_THROW(test::run_task(io_, on_pool(pool_, work)), std::logic_error);
}

// The process ended here, with "terminate called", when a drain met a status object that was being written.
TEST_F(OnPoolTest, hands_on_the_result_of_work_that_had_begun_when_it_was_canceled) {
  for (int round = 0; round < 200; ++round) {
    result_.reset();
    std::promise<void> begun;
    std::promise<void> go_on;
    begin([&]() -> Result<int> {
      begun.set_value();
      go_on.get_future().wait();
      return 42;
    });
    begun.get_future().wait();
    stop_.emit(asio::cancellation_type::terminal);
    go_on.set_value();
    io_.run();
    ASSERT_TRUE(result_);
    EXPECT_EQ(*result_, 42);
  }
}

TEST_F(OnPoolTest, ends_work_that_had_not_begun_as_canceled) {
  std::promise<void> go_on;
  auto gate = go_on.get_future().share();
  for (int i = 0; i < 2; ++i) asio::post(pool_, [gate] { gate.wait(); });
  bool ran = false;
  begin([&ran]() -> Result<int> {
    ran = true;
    return 42;
  });
  stop_.emit(asio::cancellation_type::terminal);
  go_on.set_value();
  io_.run();
  ASSERT_TRUE(result_);
  EXPECT_EQ(result_->error().kind, ErrorKind::kCanceled);
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace pollux::net
