// SPDX-License-Identifier: Apache-2.0
#include "plan/simulate.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <utility>

#include "plan/fate.hpp"
#include "plan/modelled_upstream.hpp"
#include "poll/fetch/validators.hpp"
#include "schedule/scheduler.hpp"

namespace pollux::plan {
namespace {

class Simulator {
 public:
  Simulator(const config::File& file, Time from, const SimulationOptions& options)
      : options_(options),
        agenda_(from),
        dice_(options.seed),
        scheduler_(
            io_.get_executor(), agenda_.clock(), [this](auto id) { start(id); }, [this] { return dice_(); }) {
    for (const auto& [name, poll] : file.polls) {
      for (const std::string& upstream : upstreams_of(poll)) {
        if (upstreams_.contains(upstream)) continue;
        upstreams_[upstream] =
            std::make_unique<ModelledUpstream>(file.upstreams.at(upstream), agenda_, dice_, options_);
      }
      scheduler_.add({poll.schedule, poll.jitter}, std::nullopt);
      const bool conditional = options.spite || options.not_modified > 0;
      polls_.push_back({&poll, conditional && fetch::may_ask_conditionally(poll), nullptr});
    }
  }

  Simulation run() {
    const Time end = agenda_.now() + options_.length;
    tick();
    agenda_.run_until(end);
    result_.unfinished = result_.runs - result_.answered - result_.failed - result_.limited;
    for (const auto& [name, upstream] : upstreams_) result_.upstreams.push_back(upstream->report());
    return std::move(result_);
  }

 private:
  struct Run {
    std::size_t poll = 0;
    std::optional<Time> until;
    std::vector<bool> done;  // by step
    bool whole = false;      // what has not changed was asked for again
    std::size_t under_way = 0;
    std::optional<ErrorKind> failure;
  };
  using RunPtr = std::shared_ptr<Run>;
  struct Scheduled {
    const config::Poll* poll;
    bool conditional = false;  // asks for what has changed only
    RunPtr running;
  };

  void tick() {
    const auto idle = scheduler_.step(agenda_.now());
    if (idle) agenda_.at(agenda_.now() + std::max(*idle, Millis(1)), [this] { tick(); });
  }

  void start(std::size_t id) {
    Scheduled& scheduled = polls_[id];
    if (scheduled.running) {
      ++result_.overlapping;
      return;
    }
    ++result_.runs;
    scheduled.running = std::make_shared<Run>();
    scheduled.running->poll = id;
    scheduled.running->until = calendar::next_slot(scheduled.poll->schedule, agenda_.now());
    scheduled.running->done.resize(scheduled.poll->steps.size());
    go_on(scheduled.running);
  }

  // As the fetcher does: together what can be together, and the rest after all of that.
  void go_on(const RunPtr& run) {
    const std::vector<config::Step>& steps = polls_[run->poll].poll->steps;
    std::vector<std::size_t> next;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const bool ready = std::ranges::all_of(steps[i].after, [&](std::size_t j) { return run->done[j]; });
      if (!run->done[i] && ready) next.push_back(i);
    }
    if (next.empty() && !run->failure) next = unchanged(*run);
    if (next.empty() || run->failure) return end(run);
    run->under_way = next.size();
    for (std::size_t i : next) send(run, i, steps[i].pages ? pages_of(*steps[i].pages) : 1);
  }

  // The steps that have not changed, once, where another one has: they are asked for as a whole.
  std::vector<std::size_t> unchanged(Run& run) {
    const Scheduled& scheduled = polls_[run.poll];
    if (!scheduled.conditional || std::exchange(run.whole, true)) return {};
    const std::size_t steps = run.done.size();
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < steps; ++i) {
      if (options_.spite ? i + 1 < steps : dice_() < options_.not_modified) out.push_back(i);
    }
    return out.size() < steps ? out : std::vector<std::size_t>{};
  }

  std::size_t pages_of(const config::Pages& pages) {
    const double most = static_cast<double>(
        std::clamp<std::size_t>(options_.assumed.pages, 1, std::max<std::size_t>(1, pages.max_pages)));
    return static_cast<std::size_t>(dice_.between(1, most + 1));
  }

  void send(const RunPtr& run, std::size_t step, std::size_t pages_left) {
    const config::Step& asked = polls_[run->poll].poll->steps[step];
    auto done = [this, run, step, pages_left](const std::optional<Error>& error) {
      if (!error && pages_left > 1) return send(run, step, pages_left - 1);
      if (error && !run->failure) run->failure = error->kind;
      run->done[step] = true;
      if (--run->under_way == 0) go_on(run);
    };
    upstreams_.at(asked.upstream)->send(repeatable(asked), run->until, done);
  }

  void end(const RunPtr& run) {
    polls_[run->poll].running.reset();
    if (!run->failure) {
      ++result_.answered;
    } else if (*run->failure == ErrorKind::kLimited) {
      ++result_.limited;
    } else {
      ++result_.failed;
    }
  }

  const SimulationOptions& options_;
  Agenda agenda_;
  Dice dice_;
  boost::asio::io_context
      io_;  // never run: the scheduler wants an executor for the timer that step() does without
  schedule::Scheduler scheduler_;
  std::map<std::string, std::unique_ptr<ModelledUpstream>> upstreams_;
  std::vector<Scheduled> polls_;  // by the scheduler's ids
  Simulation result_;
};

}  // namespace

Simulation simulate(const config::File& file, Time from, const SimulationOptions& options) {
  return Simulator(file, from, options).run();
}

}  // namespace pollux::plan
