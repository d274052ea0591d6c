// SPDX-License-Identifier: Apache-2.0
#include "poll/transform/worker_pool.hpp"

#include <algorithm>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <functional>
#include <thread>
#include <utility>

#include "poll/transform/worker.hpp"

namespace pollux::transform {
namespace {

constexpr Millis kCompileTimeout = std::chrono::seconds(5);
constexpr Bytes kCompileMemory{256ULL << 20};

std::unexpected<Error> canceled() { return fail(ErrorKind::kCanceled, "the transform was canceled"); }

void complete(Job& job, Result<Reply> outcome) {
  if (job.done) std::exchange(job.done, nullptr)(std::move(outcome));
}

// Calls a coroutine's handler with the outcome, later and on its own executor, wherever the outcome came
// from.
template <class Handler>
auto posting(Handler handler, asio::io_context& io) {
  return [handler = std::move(handler), &io](Result<Reply> outcome) mutable {
    auto executor = asio::get_associated_executor(handler, io.get_executor());
    asio::post(executor, [handler = std::move(handler), outcome = std::move(outcome)]() mutable {
      std::move(handler)(std::move(outcome));
    });
  };
}

Result<std::string> value_of(Result<Reply> reply) {
  if (!reply) return std::unexpected(std::move(reply.error()));
  if (auto* value = std::get_if<Value>(&*reply)) return std::move(value->json);
  if (auto* failure = std::get_if<Failure>(&*reply))
    return fail(ErrorKind::kTransform, "jq: " + failure->message);
  return fail(ErrorKind::kInternal, "a jq worker gave an answer of the wrong kind");
}

}  // namespace

WorkerPool::WorkerPool(asio::io_context& io) : WorkerPool(io, Options{}) {}

WorkerPool::WorkerPool(asio::io_context& io, Options options) : io_(io), options_(std::move(options)) {
  if (options_.size == 0) options_.size = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 4);
}

WorkerPool::~WorkerPool() { stop(); }

Task<Result<std::string>> WorkerPool::run(Program program, std::string input_json, Variables variables) {
  if (program.text.size() > kLargestProgram)
    co_return fail(ErrorKind::kTransform, "the program is larger than 1 MiB");
  if (input_json.size() + variables.vars_json.size() + variables.cursor_json.size() + variables.poll.size() >
      kLargestInput) {
    co_return fail(ErrorKind::kTransform, "the input is larger than " + describe_bytes(Bytes{kLargestInput}));
  }
  auto job = std::make_shared<Job>();
  RunRequest request{program.text,   input_json,          variables.fetched_at,
                     variables.poll, variables.vars_json, variables.cursor_json};
  job->frame = encode(Request(request));
  input_json = {};
  job->program = std::hash<std::string>{}(program.text);
  job->memory = program.memory;
  job->timeout = program.timeout;
  Result<Reply> reply = co_await submit(job);
  co_return value_of(std::move(reply));
}

Task<Result<std::vector<CompileFault>>> WorkerPool::compile(std::string program) {
  if (program.size() > kLargestProgram) {
    std::vector<CompileFault> faults(1, CompileFault{1, 0, "the program is larger than 1 MiB"});
    co_return faults;
  }
  auto job = std::make_shared<Job>();
  job->frame = encode(Request(CompileRequest{program}));
  job->memory = kCompileMemory;
  job->timeout = kCompileTimeout;
  Result<Reply> reply = co_await submit(job);
  if (!reply) co_return std::unexpected(std::move(reply.error()));
  if (auto* faults = std::get_if<Faults>(&*reply)) co_return std::move(faults->faults);
  co_return fail(ErrorKind::kInternal, "a jq worker gave an answer of the wrong kind");
}

Task<Result<Reply>> WorkerPool::submit(std::shared_ptr<Job> job) {
  if (stopped_) co_return canceled();
  std::weak_ptr<char> alive = alive_;
  auto initiate = [this, alive, job](auto handler) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
      slot.assign([this, alive, weak = std::weak_ptr<Job>(job)](asio::cancellation_type) {
        auto wanted = weak.lock();
        if (wanted && wanted->done && !alive.expired()) cancel(wanted);
      });
    }
    job->done = posting(std::move(handler), io_);
    waiting_.push_back(job);
    dispatch();
  };
  Result<Reply> reply = co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<Reply>)>(
      initiate, asio::use_awaitable);
  co_return reply;
}

void WorkerPool::dispatch() {
  std::erase_if(workers_,
                [](const auto& worker) { return worker->dead() || (worker->idle() && !worker->alive()); });
  while (!waiting_.empty() && !stopped_) {
    auto worker = worker_for(*waiting_.front());
    if (!worker && workers_.size() >= options_.size) return;
    auto job = std::move(waiting_.front());
    waiting_.pop_front();
    if (!worker) {
      auto started = Worker::start(io_, options_.executable);
      if (!started) {
        complete(*job, std::unexpected(started.error()));
        continue;
      }
      ++started_;
      worker = std::move(*started);
      workers_.push_back(worker);
    }
    std::weak_ptr<char> alive = alive_;
    worker->run(std::move(job), [this, alive] {
      if (!alive.expired()) dispatch();
    });
  }
}

// An idle worker, best one that has compiled the program before; nullptr: none is idle.
std::shared_ptr<Worker> WorkerPool::worker_for(const Job& job) {
  std::shared_ptr<Worker> any;
  for (const auto& worker : workers_) {
    if (!worker->idle()) continue;
    if (worker->knows(job.program)) return worker;
    if (!any) any = worker;
  }
  return any;
}

void WorkerPool::cancel(const std::shared_ptr<Job>& job) {
  std::erase(waiting_, job);
  for (const auto& worker : workers_) {
    if (worker->job() == job) worker->drop();
  }
  complete(*job, canceled());
  dispatch();
}

void WorkerPool::stop() {
  stopped_ = true;
  for (const auto& job : std::exchange(waiting_, {})) complete(*job, canceled());
  for (const auto& worker : std::exchange(workers_, {})) {
    if (auto job = worker->job()) complete(*job, canceled());
    worker->drop();
    worker->wait();
  }
}

std::vector<WorkerPool::WorkerStats> WorkerPool::stats() const {
  std::vector<WorkerStats> out;
  for (const auto& worker : workers_) {
    if (!worker->dead()) out.push_back({worker->pid(), worker->compiled(), worker->no_seccomp()});
  }
  return out;
}

}  // namespace pollux::transform
