#pragma once
// SPDX-License-Identifier: Apache-2.0
// Runs what blocks or burns on a pool's thread and comes back to the caller's thread with its result. Work
// that has begun is not interrupted by cancellation: its result is handed on; work that has not begun ends as
// kCanceled. Only the work itself is ever on the pool, never a coroutine: asio::co_spawn on a pool with
// several threads ends the process where a cancellation arrives while the work ends.

#include <atomic>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/result.hpp"
#include "net/task.hpp"

namespace pollux::net {

/// `work()` must return a Result. What it throws is thrown here.
template <class Work>
Task<std::invoke_result_t<Work>> on_pool(asio::thread_pool& pool, Work work) {
  using Answer = std::invoke_result_t<Work>;
  auto initiate = [&pool](auto handler, Work asked) {
    auto canceled = std::make_shared<std::atomic<bool>>(false);
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
      slot.assign([canceled](asio::cancellation_type) { *canceled = true; });
    }
    auto back = asio::get_associated_executor(handler);
    auto guard = asio::make_work_guard(back);
    auto run = [canceled, back, w = std::move(asked), h = std::move(handler),
                g = std::move(guard)]() mutable {
      Answer answer = fail(ErrorKind::kCanceled, "stopped before it began");
      std::exception_ptr thrown;
      try {
        if (!*canceled) answer = w();
      } catch (...) {
        thrown = std::current_exception();
      }
      auto done = [hh = std::move(h), e = thrown, a = std::move(answer)]() mutable {
        std::move(hh)(e, std::move(a));
      };
      asio::post(back, std::move(done));
    };
    asio::post(pool, std::move(run));
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, Answer)>(
      initiate, asio::use_awaitable, std::move(work));
}

}  // namespace pollux::net
