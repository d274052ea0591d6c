#pragma once
// SPDX-License-Identifier: Apache-2.0
// Runs what blocks or burns on a pool's thread and comes back to the io thread with its result. Work that has
// begun is not interrupted by cancellation: its result is handed on; work that has not begun ends as
// kCanceled.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <type_traits>
#include <utility>

#include "base/result.hpp"
#include "net/task.hpp"

namespace pollux::net {

template <class Work>
Task<std::invoke_result_t<Work>> as_task(Work work) {
  co_return work();
}

/// `work()` must return a Result.
template <class Work>
Task<std::invoke_result_t<Work>> on_pool(asio::thread_pool& pool, Work work) {
  auto task = as_task(std::move(work));
  auto executor = pool.get_executor();
  try {
    co_return co_await asio::co_spawn(executor, std::move(task), asio::use_awaitable);
  } catch (const boost::system::system_error& e) {
    if (e.code() != asio::error::operation_aborted) throw;
  }
  co_return fail(ErrorKind::kCanceled, "stopped before it began");
}

}  // namespace pollux::net
