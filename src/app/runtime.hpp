#pragma once
// SPDX-License-Identifier: Apache-2.0
// Owns everything that runs need, in the order of dependence, and outlives every task: the last member is the
// first to go. Made on the main thread; then used on the io thread only. Building it does no network I/O.

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "app/board.hpp"
#include "app/verify.hpp"
#include "base/redactor.hpp"
#include "config/load.hpp"
#include "log/logger.hpp"
#include "net/curl_client.hpp"
#include "poll/fetch/fetcher.hpp"
#include "poll/publish/store.hpp"
#include "poll/run_once.hpp"
#include "poll/transform/worker_pool.hpp"
#include "state/backend.hpp"
#include "state/journal.hpp"

namespace pollux::app {

/// Chances in [0, 1) for jitter; io thread.
class Chances {
 public:
  double operator()() { return distribution_(engine_); }

 private:
  std::mt19937_64 engine_{std::random_device{}()};
  std::uniform_real_distribution<double> distribution_{0.0, 1.0};
};

/// The logger that the file and the command line ask for.
log::Logger make_logger(const config::Log& config, std::optional<config::LogLevel> level,
                        const Redactor& redactor);

class Runtime {
 public:
  /// Takes the file apart into working parts. kState when the state file cannot be had.
  static Result<std::unique_ptr<Runtime>> make(config::File file, std::optional<config::LogLevel> level);

  /// Compiles programs and schemas; what is wrong with them. Before any run.
  Result<std::vector<config::Fault>> verify(const config::Environment& environment);

  config::File file;
  SystemClock clock;
  Redactor redactor;
  log::Logger logger;
  Chances chances;
  asio::io_context io{1};
  asio::thread_pool pool{2};
  net::CurlClient client{io};
  std::unique_ptr<state::Backend> backend;
  std::unique_ptr<state::Journal> journal;
  std::unique_ptr<poll::Keeper> keeper;
  fetch::Fetcher::Sessions sessions;
  fetch::Fetcher fetcher{sessions};
  transform::WorkerPool programs;
  std::map<std::string, check::Schema> schemas;
  std::map<std::string, std::unique_ptr<publish::Store>> stores;
  poll::Stages stages{fetcher, programs, schemas, stores, redactor, logger, clock, pool};
  Board board;

 private:
  Runtime(config::File file, std::optional<config::LogLevel> level);
  Result<void> open_state();
  void make_sessions();
  void make_stores();
};

}  // namespace pollux::app
