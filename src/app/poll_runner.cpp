// SPDX-License-Identifier: Apache-2.0
#include "app/poll_runner.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace pollux::app {
namespace {

using poll::Outcome;

// At most one write of the status object a second and store, however many runs end.
constexpr Millis kStatusPause = std::chrono::seconds(1);

// What a run of `once` has at least: its next slot may be a moment away, and means nothing to it.
constexpr Millis kLeastRoom = std::chrono::minutes(1);

// Of a run's failed attempts, in its log line.
constexpr std::size_t kMostFailures = 20;

log::Level level_of(const poll::RunReport& report) {
  switch (report.outcome) {
    case Outcome::kFailed:
      return log::Level::kError;
    case Outcome::kKept:
      return log::Level::kWarning;
    case Outcome::kSkipped:  // by a limit; being stopped is no news
      return report.error && report.error->kind == ErrorKind::kLimited ? log::Level::kWarning
                                                                       : log::Level::kInfo;
    default:
      return log::Level::kInfo;
  }
}

log::Fields fields_of(const config::Poll& poll, const poll::RunReport& report, const std::string& run_id) {
  auto number = [](auto n) { return static_cast<std::int64_t>(n); };
  log::Fields fields{
      {"poll", poll.name}, {"run", run_id}, {"outcome", std::string(publish::state_name(report.outcome))}};
  if (report.error) {
    fields.emplace_back("reason", std::string(kind_name(report.error->kind)));
    if (!report.error->where.empty()) fields.emplace_back("where", report.error->where);
  }
  fields.emplace_back("attempts", number(report.effort.attempts));
  if (const auto& failures = report.effort.failures; !failures.empty()) {
    const std::size_t shown = std::min(failures.size(), kMostFailures);
    std::string text = fmt::format(
        "{}", fmt::join(failures.begin(), failures.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
    if (shown < failures.size()) text += fmt::format(" and {} more", failures.size() - shown);
    fields.emplace_back("failures", std::move(text));
  }
  if (report.effort.pages > 0) fields.emplace_back("pages", number(report.effort.pages));
  fields.emplace_back("fetch_ms", number(report.took.fetch.count()));
  fields.emplace_back("transform_ms", number(report.took.transform.count()));
  fields.emplace_back("check_ms", number(report.took.check.count()));
  fields.emplace_back("publish_ms", number(report.took.publish.count()));
  fields.emplace_back("bytes_in", number(report.effort.bytes));
  fields.emplace_back("bytes_out", number(report.bytes_out));
  return fields;
}

std::string history_json(const poll::RunReport& report, const std::string& run_id) {
  const auto& took = report.took;
  return boost::json::serialize(
      boost::json::object{{"run", run_id},
                          {"outcome", publish::state_name(report.outcome)},
                          {"message", report.message},
                          {"took_ms", (took.fetch + took.transform + took.check + took.publish).count()},
                          {"bytes_in", report.effort.bytes},
                          {"bytes_out", report.bytes_out}});
}

}  // namespace

Time one_period_from(Time now, const config::Poll& poll) {
  return now + std::max(calendar::usual_period(poll.schedule, now), kLeastRoom);
}

PollRunner::PollRunner(Runtime& runtime, Room room)
    : runtime_(runtime),
      room_(room),
      next_run_(static_cast<std::uint64_t>(runtime.clock.now().time_since_epoch().count()) << 16) {
  for (auto& [name, store] : runtime_.stores) {
    auto text = [this, n = name] { return runtime_.board.status_text(n, runtime_.clock.now()); };
    auto failed = [this, n = name](const Error& error) {
      runtime_.logger.warning("status_object",
                              fmt::format("store {}: _status.json was not written: {}", n, error.text()));
    };
    status_.emplace(name, std::make_unique<poll::StatusWriter>(runtime_.io.get_executor(), *store, text,
                                                               failed, kStatusPause));
  }
}

std::optional<Time> PollRunner::wait_until(const config::Poll& poll) const {
  const Time now = runtime_.clock.now();
  if (room_ == Room::kUntilNextSlot) return calendar::next_slot(poll.schedule, now);
  return one_period_from(now, poll);
}

void PollRunner::skip(const std::string& poll, ErrorKind why, const std::string& message) {
  PollState& state = runtime_.board.at(poll);
  const std::string text = fmt::format("{}: skipped: {}", poll, message);
  runtime_.logger.warning("run", text,
                          {{"poll", poll},
                           {"outcome", std::string(publish::state_name(Outcome::kSkipped))},
                           {"reason", std::string(kind_name(why))}});
  // Until the run that is under way has ended: what that comes to is the newer news.
  state.record.outcome = Outcome::kSkipped;
  state.record.reason = why;
  state.record.message = state.last_message = text;
  touch_status(*state.poll);
}

Task<Outcome> PollRunner::run(std::string name, Time at) {
  PollState& state = runtime_.board.at(name);
  if (state.running) {
    skip(name, ErrorKind::kOverlap, "its run before this one has not ended");
    co_return Outcome::kSkipped;
  }
  state.running = true;
  std::string run_id = fmt::format("{:x}", next_run_++);
  poll::RunReport report;
  try {
    // Who waits for the end of `once` is better told that an upstream is in trouble than kept waiting for it.
    const poll::Slot slot{at, wait_until(*state.poll), room_ == Room::kUntilNextSlot};
    report = co_await poll::run_once(runtime_.stages, *state.poll, state.record, slot);
  } catch (...) {
    state.running = false;
    throw;
  }
  // A canceled run has an outcome too: what follows is done whatever happens.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  state.running = false;
  state.record = report.record;
  state.last_message = report.message;
  const auto& took = report.took;
  state.last_took = took.fetch + took.transform + took.check + took.publish;
  log_run(*state.poll, report, run_id);
  co_await remember(*state.poll, report, at, run_id);
  touch_status(*state.poll);
  co_return report.outcome;
}

void PollRunner::log_run(const config::Poll& poll, const poll::RunReport& report, const std::string& run_id) {
  log::Level level = level_of(report);
  if (!runtime_.logger.wants(level)) return;
  runtime_.logger.write({level, "run", report.message, fields_of(poll, report, run_id)});
}

Task<> PollRunner::remember(const config::Poll& poll, const poll::RunReport& report, Time at,
                            std::string run_id) {
  state::Batch batch;
  batch.writes.push_back({poll::record_key(poll.name), poll::record_json(report.record), std::nullopt});
  batch.writes.insert(batch.writes.end(), report.writes.begin(), report.writes.end());
  batch.history.push_back({poll.name, at, history_json(report, run_id)});
  auto done = co_await runtime_.journal->commit(std::move(batch));
  if (!done)
    runtime_.logger.error(
        "state", fmt::format("{}: the run could not be remembered: {}", poll.name, done.error().text()));
}

void PollRunner::touch_status(const config::Poll& poll) {
  for (const auto& publication : poll.publish) status_.at(publication.to)->touch();
}

}  // namespace pollux::app
