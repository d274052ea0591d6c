// SPDX-License-Identifier: Apache-2.0
#include "state/journal.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <type_traits>
#include <utility>

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

struct Journal::Asking {
  std::string key;
  std::move_only_function<void(Result<std::optional<Entry>>)> done;
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

template <class Wanted, class Value>
Task<Result<Value>> Journal::hand_over(std::vector<std::unique_ptr<Wanted>>& queue,
                                       std::unique_ptr<Wanted> wanted) {
  auto initiate = [this, &queue](auto handler, std::unique_ptr<Wanted> asked) {
    auto executor = asio::get_associated_executor(handler);
    auto guard = asio::make_work_guard(executor);
    // The guard goes along with the handler: let go of on this thread, it could be the last to touch an
    // io_context that is already gone, since its owner has what it waited for.
    asked->done = [h = std::move(handler), executor, g = std::move(guard)](Result<Value> result) mutable {
      asio::post(executor, [hh = std::move(h), gg = std::move(g), r = std::move(result)]() mutable {
        std::move(hh)(std::move(r));
      });
    };
    bool wake = false;
    {
      std::lock_guard lock(mutex_);
      wake = std::is_same_v<Wanted, Asking> || (waiting_.empty() && asking_.empty());
      queue.push_back(std::move(asked));
    }
    if (wake) wake_.notify_one();
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<Value>)>(
      initiate, asio::use_awaitable, std::move(wanted));
}

Task<Result<void>> Journal::commit(Batch batch) {
  auto wanted = std::make_unique<Waiting>();
  wanted->batch = std::move(batch);
  co_return co_await hand_over<Waiting, void>(waiting_, std::move(wanted));
}

Task<Result<std::optional<Entry>>> Journal::get(std::string key) {
  auto wanted = std::make_unique<Asking>();
  wanted->key = std::move(key);
  co_return co_await hand_over<Asking, std::optional<Entry>>(asking_, std::move(wanted));
}

void Journal::work() {
  for (;;) {
    std::vector<std::unique_ptr<Waiting>> taken;
    std::vector<std::unique_ptr<Asking>> asked;
    {
      std::unique_lock lock(mutex_);
      auto idle = [this] { return waiting_.empty() && asking_.empty(); };
      wake_.wait(lock, [&] { return stopping_ || !idle(); });
      if (idle()) return;
      // Somebody who asks is waited for; what is only written can wait for more of it.
      if (asking_.empty()) wake_.wait_for(lock, kGather, [this] { return stopping_ || !asking_.empty(); });
      taken.swap(waiting_);
      asked.swap(asking_);
    }
    std::vector<Batch> batches;
    for (auto& waiting : taken) batches.push_back(std::move(waiting->batch));
    if (!batches.empty()) {
      auto results = backend_.apply(batches);
      for (std::size_t i = 0; i < taken.size(); ++i) taken[i]->done(std::move(results[i]));
    }
    for (auto& asking : asked) asking->done(backend_.get(asking->key));
  }
}

}  // namespace pollux::state
