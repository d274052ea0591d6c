#pragma once
// SPDX-License-Identifier: Apache-2.0
// Bounds how many coroutines do something at once; those that wait are served in the order in which they
// came, if not too late for them. Owned by whoever bounds; must outlive its permits; io thread only. A
// canceled wait throws operation_aborted as every Asio wait does.

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "net/task.hpp"

namespace pollux::net {

class Semaphore {
 public:
  explicit Semaphore(std::size_t permits) : free_(permits) {}
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  /// Gives the place back when it goes.
  class Permit {
   public:
    explicit Permit(Semaphore* owner) : owner_(owner) {}
    Permit(Permit&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Permit& operator=(Permit&&) = delete;
    ~Permit() {
      if (owner_ != nullptr) owner_->release();
    }

   private:
    Semaphore* owner_;
  };

  /// nullopt when it was not its turn within `limit`; without one it waits for as long as it takes.
  Task<std::optional<Permit>> acquire_within(std::optional<Millis> limit) {
    if (free_ > 0) {
      --free_;
      co_return Permit(this);
    }
    auto executor = co_await asio::this_coro::executor;
    auto waiter = std::make_shared<Waiter>(executor);
    if (limit) waiter->timer.expires_after(*limit);
    waiters_.push_back(waiter);
    boost::system::error_code error;
    co_await waiter->timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (waiter->granted) co_return Permit(this);
    std::erase(waiters_, waiter);
    if (error) throw boost::system::system_error(error);
    co_return std::nullopt;
  }

 private:
  struct Waiter {
    explicit Waiter(const asio::any_io_executor& executor)
        : timer(executor, asio::steady_timer::time_point::max()) {}
    asio::steady_timer timer;
    bool granted = false;
  };

  void release() {
    if (waiters_.empty()) {
      ++free_;
      return;
    }
    auto next = waiters_.front();
    waiters_.pop_front();
    next->granted = true;
    next->timer.cancel();
  }

  std::size_t free_;
  std::deque<std::shared_ptr<Waiter>> waiters_;
};

}  // namespace pollux::net
