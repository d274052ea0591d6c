// SPDX-License-Identifier: Apache-2.0
#include "app/once.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdlib>
#include <exception>
#include <functional>

#include "app/exit_code.hpp"
#include "app/poll_runner.hpp"
#include "net/task_group.hpp"

namespace pollux::app {
namespace {

// Enough to keep every upstream busy; what waits beyond costs memory and gains nothing.
constexpr std::size_t kAtOnce = 256;

struct Tally {
  bool all_well = true;
};

Task<> run_one(PollRunner& runner, std::string poll, Time at, Tally& tally) {
  poll::Outcome outcome = co_await runner.run(std::move(poll), at);
  if (outcome != poll::Outcome::kPublished && outcome != poll::Outcome::kUnchanged) tally.all_well = false;
}

Task<> run_all(PollRunner& runner, net::TaskGroup& runs, std::vector<std::string> polls, Time at,
               Tally& tally) {
  for (const std::string& poll : polls) {
    co_await runs.room();
    if (!runs.spawn(run_one(runner, poll, at, tally))) {
      tally.all_well = false;  // canceled: what has not begun will not
      break;
    }
  }
  co_await runs.join();
  for (auto& [name, writer] : runner.status_writers()) co_await writer->flush();
}

}  // namespace

int run_polls_once(Runtime& runtime, const std::vector<std::string>& polls, std::optional<Time> at) {
  Tally tally;
  PollRunner runner(runtime, PollRunner::Room::kOnePeriod);
  auto on_fault = [&](const std::string& what) {
    tally.all_well = false;
    runtime.logger.error("bug", "a run ended by an exception: " + what);
  };
  net::TaskGroup runs(runtime.io.get_executor(), kAtOnce, on_fault);
  asio::signal_set signals(runtime.io, SIGTERM, SIGINT);
  bool runs_stopped = false;
  std::function<void(const boost::system::error_code&, int)> stop =
      [&](const boost::system::error_code& error, int) {
        if (error) return;
        // The second one ends it as kill -9 would: nothing public and nothing remembered is ever half
        // written.
        if (runs_stopped) std::_Exit(app::kExitFailed);
        runs_stopped = true;
        runs.cancel_all();
        signals.async_wait(stop);
      };
  signals.async_wait(stop);
  std::exception_ptr thrown;
  auto done = [&](std::exception_ptr e) {
    thrown = e;
    signals.cancel();
    runtime.io.stop();
  };
  asio::co_spawn(runtime.io, run_all(runner, runs, polls, at.value_or(runtime.clock.now()), tally), done);
  runtime.io.run();
  runtime.io.restart();
  if (thrown) std::rethrow_exception(thrown);
  return tally.all_well ? 0 : 1;
}

}  // namespace pollux::app
