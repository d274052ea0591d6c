#pragma once
// SPDX-License-Identifier: Apache-2.0
// The deadline of a wait: runs a task, or ends it and says kTimeout. Once for the whole house, so that "every
// network wait has a deadline" is one thing to look for. Canceling the awaiting coroutine cancels the task
// and gives kCanceled. The task is always over (its frame gone) when with_deadline returns. Io thread. What
// the task throws is thrown on.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "base/units.hpp"
#include "net/task.hpp"

namespace pollux::net {

/// Whether an exception is only the sign of a cancellation, which is no fault.
inline bool is_cancellation(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

/// `what` begins the message of a timeout: "reading the answer of api.example.gov" + ": no end after 10 s".
template <class T>
Task<Result<T>> with_deadline(Task<Result<T>> task, Millis limit, std::string what) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, limit);
  auto group = asio::experimental::make_parallel_group(co_spawn(executor, std::move(task), asio::deferred),
                                                       timer.async_wait(asio::deferred));
  auto first = asio::experimental::wait_for_one();
  auto [order, thrown, value, timer_error] = co_await group.async_wait(first, asio::use_awaitable);
  if (order[0] == 1 && !timer_error) {
    co_return fail(ErrorKind::kTimeout, what + ": no end after " + describe_duration(limit), Retry::later());
  }
  if (!thrown) co_return std::move(value);
  if (is_cancellation(thrown)) co_return fail(ErrorKind::kCanceled, what + ": canceled");
  std::rethrow_exception(thrown);
}

}  // namespace pollux::net
