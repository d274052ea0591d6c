// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/fetcher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/json/parse.hpp>
#include <exception>
#include <set>

#include "poll/fetch/request.hpp"

namespace pollux::fetch {
namespace {

using StepResult = Result<net::HttpResponse>;

Task<StepResult> run_step(UpstreamSession& session, const config::Step& step, const Scope& scope,
                          std::optional<Time> until, Effort& effort) {
  auto request = build_request(session.upstream(), step, scope);
  if (!request) co_return std::unexpected(request.error());
  Manner manner{request->method != "POST", until};
  co_return co_await session.send(std::move(*request), manner, effort);
}

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

Task<std::vector<StepResult>> run_together(const Fetcher::Sessions& sessions, const config::Poll& poll,
                                           const std::vector<std::size_t>& which, const Scope& scope,
                                           std::optional<Time> until, Effort& effort) {
  if (which.size() == 1) {  // most polls: no need of a group, and of a coroutine in it
    const config::Step& step = poll.steps[which.front()];
    UpstreamSession& session = *sessions.at(step.upstream);
    std::vector<StepResult> only;
    StepResult result = co_await run_step(session, step, scope, until, effort);
    only.push_back(std::move(result));
    co_return only;
  }
  auto executor = co_await asio::this_coro::executor;
  auto spawn = [&](std::size_t i) {
    const config::Step& step = poll.steps[i];
    return asio::co_spawn(executor, run_step(*sessions.at(step.upstream), step, scope, until, effort),
                          asio::deferred);
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
  Scope scope{asked.at, zone_of(poll), {}};
  scope.cursor = asked.cursor;
  const auto needed = referred_to(poll);
  std::vector<bool> done(poll.steps.size(), false);
  Fetched fetched;
  fetched.answers.resize(poll.steps.size());
  for (auto next = startable(poll, done); !next.empty(); next = startable(poll, done)) {
    auto results = co_await run_together(sessions_, poll, next, scope, asked.until, effort);
    for (std::size_t k = 0; k < next.size(); ++k) {
      const config::Step& step = poll.steps[next[k]];
      if (!results[k]) co_return std::unexpected(with_step(results[k].error(), step));
      net::HttpResponse& response = *results[k];
      if (needed.contains(step.name)) {
        if (auto kept = remember(step, response.body, scope); !kept)
          co_return std::unexpected(with_step(kept.error(), step));
      }
      std::string content_type(response.header("Content-Type"));
      fetched.answers[next[k]] =
          Answer{step.name, step.expect, std::move(response.body), std::move(content_type)};
      done[next[k]] = true;
    }
  }
  co_return fetched;
}

}  // namespace pollux::fetch
