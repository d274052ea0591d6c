#pragma once
// SPDX-License-Identifier: Apache-2.0
// Owns everything that runs need, in the order of dependence, and outlives every task: the last member is the
// first to go. Made on the main thread; then used on the io thread only. Building it does no network I/O.

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
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
#include "net/http_client.hpp"
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

/// What becomes of a log that nobody reads: who ends by itself waits for its reader, a daemon drops lines.
enum class LogOutput { kWaits, kDrops };

/// The logger that the file and the command line ask for.
log::Logger make_logger(const config::Log& config, std::optional<config::LogLevel> level, LogOutput output,
                        const Redactor& redactor);

/// How a runtime differs from the one of `run` and `once`.
struct RuntimeOptions {
  using RealClient = std::function<std::unique_ptr<net::HttpClient>()>;
  /// In place of the real client, or around it.
  using MakeClient = std::function<std::unique_ptr<net::HttpClient>(const RealClient& real, Redactor&)>;

  std::optional<config::LogLevel> level;  // in place of the file's
  LogOutput output = LogOutput::kWaits;
  MakeClient client;              // none: libcurl
  std::optional<Time> stands_at;  // where the clock stands still
  bool keeps_state = true;        // false: no state file; what is remembered is gone at the end
  bool publishes = true;          // false: objects go no further than memory
};

class Runtime {
 public:
  /// Takes the file apart into working parts. kState when the state file cannot be had.
  static Result<std::unique_ptr<Runtime>> make(config::File file, RuntimeOptions options);

  /// Compiles programs and schemas; what is wrong with them. Before any run.
  Result<std::vector<config::Fault>> verify(const config::Environment& environment);

  config::File file;
  RuntimeOptions options;
  std::unique_ptr<Clock> owned_clock;  // what `clock` refers to
  const Clock& clock = *owned_clock;
  Redactor redactor;
  log::Logger logger;
  Chances chances;
  asio::io_context io{1};
  asio::thread_pool pool{2};
  std::unique_ptr<net::HttpClient> owned_client;  // what `client` refers to
  net::HttpClient& client = *owned_client;
  std::unique_ptr<state::Backend> backend;
  std::unique_ptr<state::Journal> journal;
  std::unique_ptr<poll::Keeper> keeper;
  fetch::Fetcher::Sessions sessions;
  fetch::Fetcher fetcher;
  transform::WorkerPool programs;
  std::map<std::string, check::Schema> schemas;
  std::map<std::string, std::unique_ptr<publish::Store>> stores;
  poll::Stages stages{fetcher, programs, schemas, stores, redactor, logger, clock, pool};
  Board board;

 private:
  Runtime(config::File file, RuntimeOptions options);
  Result<void> open_state();
  Result<void> make_sessions();
  void make_stores();
};

}  // namespace pollux::app
