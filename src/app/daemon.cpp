// SPDX-License-Identifier: Apache-2.0
#include "app/daemon.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>

#include "app/console_server.hpp"
#include "app/poll_runner.hpp"
#include "net/task_group.hpp"
#include "plan/plan.hpp"
#include "schedule/scheduler.hpp"

namespace pollux::app {
namespace {

// More runs than this at a time are a fault of the file (an upstream that hangs, polled each second); more
// are skipped.
constexpr std::size_t kRunsAtOnce = 20'000;

class Daemon {
 public:
  explicit Daemon(Runtime& runtime)
      : runtime_(runtime),
        runner_(runtime),
        runs_(runtime.io.get_executor(), kRunsAtOnce, fault_logger("a run")),
        services_(runtime.io.get_executor(), 64, fault_logger("a service")),
        scheduler_(
            runtime.io.get_executor(), runtime.clock, [this](auto id) { start(id); },
            [this] { return runtime_.chances(); }),
        console_(runtime, [this] { return phase_; }),
        signals_(runtime.io, SIGTERM, SIGINT) {}

  Result<std::string> bind() { return console_.bind(); }

  Task<> main() {
    schedule_all();
    bool begun = services_.spawn(scheduler_.work()) && services_.spawn(console_.serve()) &&
                 services_.spawn(watch_reload());
    for (auto& [name, writer] : runner_.status_writers()) begun = begun && services_.spawn(writer->work());
    if (!begun) throw std::logic_error("the services do not fit their group");
    phase_ = Phase::kReady;
    co_await signals_.async_wait(asio::use_awaitable);
    co_await drain();
  }

 private:
  net::TaskGroup::OnFault fault_logger(std::string what) {
    return [this, what](const std::string& text) {
      runtime_.logger.error("bug", fmt::format("{} ended by an exception: {}", what, text));
    };
  }

  void schedule_all() {
    for (const auto& [name, state] : runtime_.board.polls()) {
      scheduler_.add({state.poll->schedule, state.poll->jitter}, state.record.checked_at);
      names_.push_back(name);
    }
    update_next_times();
  }

  void update_next_times() {
    for (schedule::Scheduler::Id id = 0; id < names_.size(); ++id)
      runtime_.board.at(names_[id]).next_at = scheduler_.next(id);
  }

  void start(schedule::Scheduler::Id id) {
    const std::string& name = names_[id];
    runtime_.board.at(name).next_at = scheduler_.next(id);
    if (phase_ == Phase::kDraining) return;
    if (!runs_.spawn(run(name)))
      runner_.skip(name, ErrorKind::kBusy, fmt::format("{} runs are under way", runs_.size()));
  }

  Task<> run(std::string name) { co_await runner_.run(name, runtime_.clock.now()); }

  Task<> drain() {
    using namespace asio::experimental::awaitable_operators;
    phase_ = Phase::kDraining;
    runtime_.logger.info("stop",
                         fmt::format("stopping: {} runs have {} to end; a second signal ends them at once",
                                     runs_.size(), describe_duration(kDrain)));
    asio::steady_timer limit(runtime_.io, kDrain);
    co_await (runs_.join() || limit.async_wait(asio::use_awaitable) ||
              signals_.async_wait(asio::use_awaitable));
    runs_.cancel_all();
    co_await runs_.join();
    // A bucket that hangs must not hold the program: the status object is worth waiting for, not for ever.
    asio::steady_timer last(runtime_.io, kDrain);
    co_await (flush_status() || last.async_wait(asio::use_awaitable) ||
              signals_.async_wait(asio::use_awaitable));
    console_.stop();
    services_.cancel_all();
    co_await services_.join();
    runtime_.logger.info("stop", "stopped");
  }

  Task<> flush_status() {
    for (auto& [name, writer] : runner_.status_writers()) co_await writer->flush();
  }

  Task<> watch_reload() {
    asio::signal_set hangup(runtime_.io, SIGHUP);
    for (;;) {
      co_await hangup.async_wait(asio::use_awaitable);
      runtime_.logger.warning(
          "reload", "SIGHUP: this version does not reload its file; restart it to use a changed one");
    }
  }

  Runtime& runtime_;
  PollRunner runner_;
  net::TaskGroup runs_;
  net::TaskGroup services_;
  schedule::Scheduler scheduler_;
  ConsoleServer console_;
  asio::signal_set signals_;
  std::vector<std::string> names_;  // by the scheduler's ids
  Phase phase_ = Phase::kStarting;
};

// Said once, at the start: what comes of it later (waits, skipped runs) does not tell its cause.
void warn_of_broken_limits(Runtime& runtime) {
  const bool any =
      std::ranges::any_of(runtime.file.upstreams, [](const auto& u) { return !u.second.limits.empty(); });
  if (!any) return;
  for (const std::string& sentence : plan::broken_limits(plan::make_plan(runtime.file, runtime.clock.now())))
    runtime.logger.warning("plan", sentence);
}

}  // namespace

Result<int> run_daemon(Runtime& runtime) {
  Daemon daemon(runtime);
  auto address = daemon.bind();
  if (!address) return std::unexpected(address.error());
  runtime.logger.info("start",
                      fmt::format("pollux {}: {} polls; console at {}", POLLUX_VERSION,
                                  runtime.board.polls().size(), *address),
                      {{"console", *address}});
  warn_of_broken_limits(runtime);
  std::exception_ptr thrown;
  auto done = [&](std::exception_ptr e) {
    thrown = e;
    runtime.io.stop();
  };
  asio::co_spawn(runtime.io, daemon.main(), done);
  runtime.io.run();
  runtime.io.restart();
  if (thrown) std::rethrow_exception(thrown);
  return 0;
}

}  // namespace pollux::app
