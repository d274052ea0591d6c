// SPDX-License-Identifier: Apache-2.0
#include "net/task_group.hpp"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

#include "tests/support/run_task.hpp"

namespace pollux::net {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

Task<> wait_for(std::chrono::milliseconds time, int& ended) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
  ++ended;
}

Task<> throws() {
  throw std::runtime_error("a bug");
  co_return;
}

class TaskGroupTest : public testing::Test {
 protected:
  asio::io_context io_;
  std::vector<std::string> faults_;
  TaskGroup group_{io_.get_executor(), 3, [this](const std::string& what) { faults_.push_back(what); }};
};

TEST_F(TaskGroupTest, join_waits_for_the_last_task) {
  int ended = 0;
  ASSERT_TRUE(group_.spawn(wait_for(1ms, ended)));
  ASSERT_TRUE(group_.spawn(wait_for(20ms, ended)));
  test::run_task(io_, group_.join());
  EXPECT_EQ(ended, 2);
  EXPECT_EQ(group_.size(), 0U);
}

TEST_F(TaskGroupTest, refuses_one_more_than_its_bound_and_has_room_again_later) {
  int ended = 0;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(group_.spawn(wait_for(5ms, ended)));
  EXPECT_FALSE(group_.spawn(wait_for(5ms, ended)));
  test::run_task(io_, group_.room());
  EXPECT_TRUE(group_.spawn(wait_for(5ms, ended)));
  test::run_task(io_, group_.join());
  EXPECT_EQ(ended, 4);
}

TEST_F(TaskGroupTest, reports_what_a_task_throws_and_goes_on) {
  int ended = 0;
  ASSERT_TRUE(group_.spawn(throws()));
  ASSERT_TRUE(group_.spawn(wait_for(1ms, ended)));
  test::run_task(io_, group_.join());
  EXPECT_THAT(faults_, ElementsAre("a bug"));
  EXPECT_EQ(ended, 1);
}

TEST_F(TaskGroupTest, cancel_all_ends_tasks_that_have_not_begun_and_those_that_wait_and_is_no_fault) {
  int ended = 0;
  ASSERT_TRUE(group_.spawn(wait_for(1h, ended)));
  io_.poll();
  io_.restart();
  ASSERT_TRUE(group_.spawn(wait_for(1h, ended)));
  group_.cancel_all();
  test::run_task(io_, group_.join());
  EXPECT_EQ(ended, 0);
  EXPECT_TRUE(faults_.empty());
  EXPECT_FALSE(group_.spawn(wait_for(1ms, ended))) << "a canceled group takes nothing new";
}

}  // namespace
}  // namespace pollux::net
