#pragma once
// SPDX-License-Identifier: Apache-2.0
// One worker process and the talk with it: at most one request at a time, with a deadline and a memory limit.
// Whatever goes wrong (late, out of memory, crashed, talks nonsense) ends the process and this one request,
// with the reason. Owned by the WorkerPool, used on the io thread; a shared_ptr, because operations in flight
// keep it alive. Idle, it has none in flight.

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>

#include "base/result.hpp"
#include "base/units.hpp"
#include "net/task.hpp"
#include "poll/transform/protocol.hpp"
#include "poll/transform/worker_process.hpp"

namespace pollux::transform {

struct Job {
  std::string frame;        // an encoded Request
  std::size_t program = 0;  // its hash: a worker that has compiled it before is the better one
  Bytes memory;
  Millis timeout;
  std::move_only_function<void(Result<Reply>)> done;  // empty once it was called
};

class Worker : public std::enable_shared_from_this<Worker> {
 public:
  static Result<std::shared_ptr<Worker>> start(asio::io_context& io, const std::filesystem::path& executable);
  Worker(asio::io_context& io, WorkerProcess process);

  /// Gives it the job and calls `freed` when it can take another, or is dead. The job's `done` is called
  /// before.
  void run(std::shared_ptr<Job> job, std::function<void()> freed);
  /// Ends the process; the job in flight is forgotten, not told.
  void drop();
  /// After drop(): until the process is reaped.
  void wait();

  bool idle() const { return !job_ && !dead_; }
  bool dead() const { return dead_; }
  /// Whether it may be given a job: false if it died while it was idle.
  bool alive();
  bool knows(std::size_t program) const { return known_.contains(program); }
  const std::shared_ptr<Job>& job() const { return job_; }
  pid_t pid() const { return process_.pid(); }
  std::uint32_t compiled() const { return compiled_; }
  const std::string& no_seccomp() const { return no_seccomp_; }

 private:
  void send();
  void read_head();
  void read_body(std::size_t size);
  void take(Reply reply);
  void arm(Millis timeout, std::function<void()> late);
  void finish(Result<Reply> outcome);
  void kill();
  void lost();
  void reap(int attempt);
  void explain_end(int wait_status);

  asio::local::stream_protocol::socket socket_;
  asio::steady_timer deadline_;
  asio::steady_timer reaper_;
  WorkerProcess process_;
  std::shared_ptr<Job> job_;
  std::function<void()> freed_;
  std::unordered_set<std::size_t> known_;
  std::array<char, kFrameHead> head_{};
  std::string body_;
  std::string no_seccomp_;
  Bytes baseline_;
  Bytes limit_;
  std::uint32_t compiled_ = 0;
  unsigned round_ = 0;  // of the deadline: a timer that fired for an earlier job means nothing
  bool greeted_ = false;
  bool sent_ = false;
  bool dead_ = false;
};

}  // namespace pollux::transform
