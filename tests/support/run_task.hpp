#pragma once
// SPDX-License-Identifier: Apache-2.0
// Runs one coroutine to its end on an io_context of the caller's, with a bound so that a hanging test fails
// and says so.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "net/task.hpp"

namespace pollux::test {

/// The coroutine's value. Throws what it threw, or runtime_error when it has not ended after `bound`.
template <class T>
T run_task(asio::io_context& io, Task<T> task, std::chrono::seconds bound = std::chrono::seconds(60)) {
  std::exception_ptr thrown;
  bool done = false;
  std::conditional_t<std::is_void_v<T>, std::optional<int>, std::optional<T>> value;
  if constexpr (std::is_void_v<T>) {
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr e) {
      thrown = e;
      done = true;
    });
  } else {
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr e, T v) {
      thrown = e;
      if (!e) value.emplace(std::move(v));
      done = true;
    });
  }
  io.restart();
  auto end = std::chrono::steady_clock::now() + bound;
  while (!done && std::chrono::steady_clock::now() < end) {
    if (io.run_one_until(end) == 0) break;
  }
  if (thrown) std::rethrow_exception(thrown);
  if (!done) throw std::runtime_error("the task did not end in time");
  if constexpr (!std::is_void_v<T>) return std::move(*value);
}

}  // namespace pollux::test
