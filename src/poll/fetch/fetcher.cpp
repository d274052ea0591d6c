// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/fetcher.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/json/parse.hpp>
#include <exception>
#include <set>

#include "poll/fetch/step_run.hpp"
#include "poll/fetch/validators.hpp"

namespace pollux::fetch {
namespace {

using StepResult = Result<StepAnswer>;

// Steps that may start together: those whose answers are all there.
std::vector<std::size_t> startable(const config::Poll& poll, const std::vector<bool>& done) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < poll.steps.size(); ++i) {
    const auto& after = poll.steps[i].after;
    bool ready = std::ranges::all_of(after, [&](std::size_t j) { return done[j]; });
    if (!done[i] && ready) out.push_back(i);
  }
  return out;
}

// A run of a poll, as its steps see it.
struct Run {
  const Fetcher::Sessions& sessions;
  const config::Poll& poll;
  const Asked& asked;
  const Evaluate& evaluate;
  asio::thread_pool* pool;
  Effort& effort;
  Scope scope;

  Task<StepResult> step(std::size_t i, const Validator* known) const {
    const config::Step& one = poll.steps[i];
    return run_step({*sessions.at(one.upstream), poll, one, scope, asked, evaluate, pool, effort}, known);
  }
};

// `known`: the validators to ask with; nullptr: ask for the whole.
Task<std::vector<StepResult>> run_together(const Run& run, std::vector<std::size_t> which,
                                           const Validators* known) {
  auto validator = [&](std::size_t i) {
    return known == nullptr ? nullptr : &known->at(run.poll.steps[i].name);
  };
  if (which.size() == 1) {  // most polls: no need of a group, and of a coroutine in it
    std::vector<StepResult> only;
    StepResult result = co_await run.step(which.front(), validator(which.front()));
    only.push_back(std::move(result));
    co_return only;
  }
  auto executor = co_await asio::this_coro::executor;
  auto spawn = [&](std::size_t i) {
    return asio::co_spawn(executor, run.step(i, validator(i)), asio::deferred);
  };
  std::vector<decltype(spawn(0))> operations;
  for (std::size_t i : which) operations.push_back(spawn(i));
  auto group = asio::experimental::make_parallel_group(std::move(operations));
  auto [order, thrown, results] =
      co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  for (const std::exception_ptr& exception : thrown) {
    if (exception) std::rethrow_exception(exception);
  }
  co_return std::move(results);
}

// Asks for the whole of what has not changed, where something else has: an answer that is not there cannot be
// worked with.
Task<> complete(const Run& run, const std::vector<std::size_t>& which, std::vector<StepResult>& results) {
  std::vector<std::size_t> missing;
  for (std::size_t k = 0; k < which.size(); ++k) {
    if (results[k] && results[k]->not_modified) missing.push_back(k);
  }
  if (missing.empty()) co_return;
  std::vector<std::size_t> steps;
  for (std::size_t k : missing) steps.push_back(which[k]);
  auto again = co_await run_together(run, steps, nullptr);
  for (std::size_t m = 0; m < missing.size(); ++m) results[missing[m]] = std::move(again[m]);
}

bool all_not_modified(const std::vector<StepResult>& results) {
  return std::ranges::all_of(results, [](const StepResult& r) { return r && r->not_modified; });
}

bool all_answered(const std::vector<StepResult>& results) {
  return std::ranges::all_of(results, [](const StepResult& r) { return r.has_value(); });
}

// What to ask with; nullptr where "nothing has changed" cannot be the answer of all steps.
const Validators* usable(const config::Poll& poll, const Validators& known) {
  bool all = std::ranges::all_of(poll.steps, [&](const config::Step& s) { return known.contains(s.name); });
  return all && may_ask_conditionally(poll) ? &known : nullptr;
}

std::set<std::string> referred_to(const config::Poll& poll) {
  std::set<std::string> names;
  for (const config::Step& step : poll.steps) {
    for (std::size_t i : step.after) names.insert(poll.steps[i].name);
  }
  return names;
}

Result<void> remember(const config::Step& step, const std::string& body, Scope& scope) {
  if (step.expect == config::Format::kText) {
    scope.answers[step.name] = boost::json::string(body);
    return {};
  }
  boost::system::error_code error;
  scope.answers[step.name] = boost::json::parse(body, error);
  if (!error) return {};
  return fail(ErrorKind::kMalformed, "the answer is not JSON: " + error.message());
}

Error with_step(Error error, const config::Step& step) {
  if (error.where.empty()) error.where = step.name;
  return error;
}

std::string zone_of(const config::Poll& poll) {
  const auto* cron = std::get_if<calendar::CronRule>(&poll.schedule);
  return cron != nullptr ? cron->zone : "UTC";
}

}  // namespace

Task<Result<Fetched>> Fetcher::fetch(const config::Poll& poll, const Asked& asked, Effort& effort) const {
  Run run{sessions_, poll, asked, evaluate_, pool_, effort, {asked.at, zone_of(poll), {}, asked.cursor}};
  const Validators* known = usable(poll, asked.validators);
  const auto needed = referred_to(poll);
  std::vector<bool> done(poll.steps.size(), false);
  Fetched fetched;
  fetched.answers.resize(poll.steps.size());
  for (auto next = startable(poll, done); !next.empty(); next = startable(poll, done)) {
    auto results = co_await run_together(run, next, known);
    // A poll that asks conditionally has no step that waits for another: these are all of them.
    if (known != nullptr && all_not_modified(results)) co_return Fetched{{}, asked.validators, true};
    if (all_answered(results)) co_await complete(run, next, results);
    for (std::size_t k = 0; k < next.size(); ++k) {
      const config::Step& step = poll.steps[next[k]];
      if (!results[k]) co_return std::unexpected(with_step(results[k].error(), step));
      StepAnswer& found = *results[k];
      if (needed.contains(step.name)) {
        if (auto kept = remember(step, found.answer.body, run.scope); !kept)
          co_return std::unexpected(with_step(kept.error(), step));
      }
      if (found.validator) fetched.validators.emplace(step.name, std::move(*found.validator));
      fetched.answers[next[k]] = std::move(found.answer);
      done[next[k]] = true;
    }
  }
  if (!may_ask_conditionally(poll)) fetched.validators.clear();
  co_return fetched;
}

}  // namespace pollux::fetch
