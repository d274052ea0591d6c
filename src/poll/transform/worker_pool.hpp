#pragma once
// SPDX-License-Identifier: Apache-2.0
// The ProgramRunner of the real program: a few worker processes, started when they are first needed, one run
// at a time in each, waiting runs first come first served. A run that is late, greedy or crashes takes its
// worker with it and nothing else. Canceling the awaiting coroutine frees the worker (by killing it, if it
// runs) and returns kCanceled. Owned by the app and outlives its tasks; used on the io thread, by whose start
// and end the workers live (see worker_process.hpp).

#include <sys/types.h>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "poll/transform/program_runner.hpp"
#include "poll/transform/protocol.hpp"

namespace pollux::transform {

class Worker;
struct Job;

class WorkerPool final : public ProgramRunner {
 public:
  struct Options {
    std::size_t size = 0;  // 0: one for each core, at most 4
    std::filesystem::path executable =
        "/proc/self/exe";  // its main must hand "jq-worker" on to worker_main()
  };
  explicit WorkerPool(asio::io_context& io);
  WorkerPool(asio::io_context& io, Options options);
  ~WorkerPool() override;

  Task<Result<std::string>> run(Program program, std::string input_json, Variables variables) override;
  Task<Result<std::vector<CompileFault>>> compile(std::string program) override;

  /// Kills and reaps all workers; whoever waits gets kCanceled, and so does who comes later.
  void stop();

  struct WorkerStats {
    pid_t pid = -1;
    std::uint32_t compiled = 0;  // programs compiled for runs
    std::string no_seccomp;      // why it has no system call filter; empty: it has
  };
  /// The workers that live now. The app warns once where one has no filter.
  std::vector<WorkerStats> stats() const;
  /// How many workers were ever started.
  std::size_t started() const { return started_; }

 private:
  Task<Result<Reply>> submit(std::shared_ptr<Job> job);
  void dispatch();
  std::shared_ptr<Worker> worker_for(const Job& job);
  void cancel(const std::shared_ptr<Job>& job);

  asio::io_context& io_;
  Options options_;
  std::deque<std::shared_ptr<Job>> waiting_;
  std::vector<std::shared_ptr<Worker>> workers_;
  std::size_t started_ = 0;
  bool stopped_ = false;
  std::shared_ptr<char> alive_ =
      std::make_shared<char>();  // what a callback asks whether this is still there
};

}  // namespace pollux::transform
