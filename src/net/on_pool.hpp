#pragma once
// SPDX-License-Identifier: Apache-2.0
// Runs what blocks or burns on a pool's thread and comes back to the io thread with its result. Work that has
// begun is not interrupted by cancellation: its result is handed on; work that has not begun ends as
// kCanceled. No coroutine runs on the pool: Asio's cancellation belongs to the io thread, and a coroutine
// there that was canceled from here would end the program.

#include <atomic>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <cstddef>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/result.hpp"
#include "net/task.hpp"

namespace pollux::net {

/// Posts the work to the pool, and its outcome to the handler's executor, which stays alive until then.
template <class Work>
struct StartOnPool {
  using Outcome = std::invoke_result_t<Work>;

  template <class Handler>
  void operator()(Handler handler, asio::thread_pool* pool, Work work) const {
    auto canceled = std::make_shared<std::atomic<bool>>(false);
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) slot.assign([canceled](asio::cancellation_type) { *canceled = true; });
    auto executor = asio::get_associated_executor(handler);
    auto guard = asio::make_work_guard(executor);
    auto job = [canceled, executor, work = std::move(work), handler = std::move(handler),
                guard = std::move(guard)]() mutable {
      Outcome outcome = fail(ErrorKind::kCanceled, "stopped before it began");
      std::exception_ptr thrown;
      try {
        if (!*canceled) outcome = work();
      } catch (...) {
        thrown = std::current_exception();
      }
      // The guard goes along: let go of here, it could be the last thing that touches an io_context whose
      // owner has what it waited for.
      asio::post(executor, [handler = std::move(handler), guard = std::move(guard), thrown,
                            outcome = std::move(outcome)]() mutable {
        std::move(handler)(thrown, std::move(outcome));
      });
    };
    asio::post(*pool, std::move(job));
  }
};

/// `work()` must return a Result. What it throws is thrown on.
template <class Work>
Task<std::invoke_result_t<Work>> on_pool(asio::thread_pool& pool, Work work) {
  using Outcome = std::invoke_result_t<Work>;
  StartOnPool<Work> start;
  auto* where = &pool;
  try {
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, Outcome)>(
        start, asio::use_awaitable, where, std::move(work));
  } catch (const boost::system::system_error& e) {
    if (e.code() != asio::error::operation_aborted) throw;
  }
  co_return fail(ErrorKind::kCanceled, "stopped before it began");
}

/// Below this many bytes, looking through them on the io thread costs less than the way to the pool and back.
inline constexpr std::size_t kWorthThePool = 256 * 1024;

/// Work on that many bytes: on the pool where they are worth it. nullptr: there is no pool.
template <class Work>
Task<std::invoke_result_t<Work>> on_pool_if_large(asio::thread_pool* pool, std::size_t size, Work work) {
  if (pool == nullptr || size < kWorthThePool) co_return work();
  co_return co_await on_pool(*pool, std::move(work));
}

}  // namespace pollux::net
