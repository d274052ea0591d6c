// SPDX-License-Identifier: Apache-2.0
#include "state/journal.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>

namespace pollux::state {
namespace {

// How long the first of a batch waits for others. A run lasts longer by this, and nobody notices; without it
// each run would be a wake-up of the thread and a transaction of its own, with every page that it touches.
constexpr auto kGather = std::chrono::milliseconds(2);

}  // namespace

struct Journal::Waiting {
  Batch batch;
  std::move_only_function<void(Result<void>)> done;
};

Journal::Journal(Backend& backend) : backend_(backend), thread_([this] { work(); }) {}

Journal::~Journal() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

Task<Result<void>> Journal::commit(Batch batch) {
  auto initiate = [this](auto handler, Batch asked) {
    auto executor = asio::get_associated_executor(handler);
    auto guard = asio::make_work_guard(executor);
    // The guard goes along with the handler: let go of on this thread, it could be the last to touch an
    // io_context that is already gone, since its owner has what it waited for.
    auto done = [h = std::move(handler), executor, g = std::move(guard)](Result<void> result) mutable {
      asio::post(executor, [hh = std::move(h), gg = std::move(g), r = std::move(result)]() mutable {
        std::move(hh)(std::move(r));
      });
    };
    auto waiting = std::make_unique<Waiting>(std::move(asked), std::move(done));
    bool first = false;
    {
      std::lock_guard lock(mutex_);
      first = waiting_.empty();
      waiting_.push_back(std::move(waiting));
    }
    if (first) wake_.notify_one();
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<void>)>(
      initiate, asio::use_awaitable, std::move(batch));
}

void Journal::work() {
  for (;;) {
    std::vector<std::unique_ptr<Waiting>> taken;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      wake_.wait_for(lock, kGather, [this] { return stopping_; });
      taken.swap(waiting_);
    }
    std::vector<Batch> batches;
    for (auto& waiting : taken) batches.push_back(std::move(waiting->batch));
    auto results = backend_.apply(batches);
    for (std::size_t i = 0; i < taken.size(); ++i) taken[i]->done(std::move(results[i]));
  }
}

}  // namespace pollux::state
