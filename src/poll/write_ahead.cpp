// SPDX-License-Identifier: Apache-2.0
#include "poll/write_ahead.hpp"

#include <fmt/format.h>

#include "base/units.hpp"
#include "poll/pending.hpp"
#include "poll/publish_objects.hpp"

namespace pollux::poll {
namespace {

bool keeps_history(const Stages& stages, const config::Poll& poll) {
  return stages.keeper != nullptr && (poll.cursor || poll.window);
}

state::Write put_away(std::string key, std::string value) {
  return {std::move(key), std::move(value), std::nullopt};
}
state::Write take_away(std::string key) { return {std::move(key), std::nullopt, std::nullopt}; }

// What was written down and cannot become public is let go of: its rows will be asked for again.
Task<Result<void>> drop(const Stages& stages, const config::Poll& poll, const Error& why) {
  stages.logger.warning(
      "unfinished",
      stages.redactor.redact(fmt::format(
          "{}: what a run that was cut off had begun was not published: {}; its cursor was not moved",
          poll.name, why.text())),
      {{"poll", poll.name}});
  state::Batch batch;
  batch.writes.push_back(take_away(pending_key(poll.name)));
  co_return co_await stages.keeper->commit(std::move(batch));
}

Task<Result<void>> remember_finished(const Stages& stages, const config::Poll& poll, const Pending& pending,
                                     RunReport& report) {
  Record& record = report.record;
  record.cursor = pending.cursor;
  // They are of an object that is older now.
  record.validators.clear();
  record.updated_at = record.checked_at = pending.at;
  record.outcome = Outcome::kPublished;
  record.reason.reset();
  record.message.clear();
  state::Batch batch;
  batch.writes.push_back(put_away(record_key(poll.name), record_json(record)));
  if (pending.is_window) batch.writes.push_back(put_away(window_key(poll.name), pending.body));
  batch.writes.push_back(take_away(pending_key(poll.name)));
  co_return co_await stages.keeper->commit(std::move(batch));
}

Task<Result<void>> finish(const Stages& stages, const config::Poll& poll, Pending pending,
                          RunReport& report) {
  // By the rules of today: the schema may be another one since, and a secret may have become one.
  if (auto good = co_await judge(stages, poll, pending.body); !good) {
    if (good.error().kind == ErrorKind::kCanceled) co_return good;
    co_return co_await drop(stages, poll, good.error());
  }
  Prepared prepared;
  prepared.body = pending.body;
  prepared.content_type = pending.content_type;
  prepared.cursor = pending.cursor;
  auto due = due_objects(stages, poll, prepared, report.record);
  if (auto published = co_await publish_objects(stages, std::move(due), report); !published)
    co_return published;
  if (auto done = co_await remember_finished(stages, poll, pending, report); !done) co_return done;
  stages.logger.info("finished",
                     fmt::format("{}: finished what a run that was cut off had begun at {}", poll.name,
                                 format_time(pending.at)),
                     {{"poll", poll.name}});
  // The report is of this run, not of that one.
  report.written.clear();
  report.bytes_out = 0;
  co_return Result<void>{};
}

// Before the first byte goes out: from here on nobody knows what is public. A process that is killed, or does
// not hear the store's answer, would else take the object before for what is there, and leave the new one
// when the upstream has turned back.
Task<Result<void>> announce(const Stages& stages, const config::Poll& poll,
                            const std::optional<Pending>& pending, const std::vector<Due>& due,
                            RunReport& report) {
  report.record.validators.clear();
  if (stages.keeper == nullptr) co_return Result<void>{};
  Record unsure = report.record;
  for (const Due& one : due) unsure.objects.erase(one.key);
  state::Batch batch;
  batch.writes.push_back(put_away(record_key(poll.name), record_json(unsure)));
  // Of a poll that had a cursor or a window before, what a run was cut off from is not what comes last now.
  batch.writes.push_back(pending ? put_away(pending_key(poll.name), pending_text(*pending))
                                 : take_away(pending_key(poll.name)));
  auto done = co_await stages.keeper->commit(std::move(batch));
  if (done || pending) co_return done;
  // With a full disk, what is public matters more than what is remembered, where no row can be lost by it.
  stages.logger.warning("state",
                        stages.redactor.redact(fmt::format(
                            "{}: that something is about to be published could not be written down: "
                            "{}; if this run is cut off, what is public may be taken for older",
                            poll.name, done.error().text())),
                        {{"poll", poll.name}, {"reason", std::string(kind_name(done.error().kind))}});
  co_return Result<void>{};
}

}  // namespace

Task<Result<void>> finish_cut_off(const Stages& stages, const config::Poll& poll, RunReport& report) {
  if (!keeps_history(stages, poll)) co_return Result<void>{};
  auto found = co_await stages.keeper->recall(pending_key(poll.name));
  if (!found) co_return std::unexpected(found.error());
  if (!*found) co_return Result<void>{};
  auto pending = parse_pending(**found);
  if (!pending) co_return co_await drop(stages, poll, pending.error());
  co_return co_await finish(stages, poll, std::move(*pending), report);
}

Task<Result<Before>> recall(const Stages& stages, const config::Poll& poll, const Record& record) {
  Before before;
  before.at = stages.clock.now();
  // A cursor that has never moved is null, and begins where the file says now.
  const bool moved = !record.cursor.empty() && record.cursor != "null";
  if (poll.cursor) before.cursor = moved ? record.cursor : poll.cursor->start;
  if (!poll.window || !keeps_history(stages, poll)) co_return before;
  auto found = co_await stages.keeper->recall(window_key(poll.name));
  if (!found) co_return std::unexpected(found.error());
  before.window = std::move(*found).value_or("");
  co_return before;
}

Task<Result<void>> publish_remembered(const Stages& stages, const config::Poll& poll,
                                      const Prepared& prepared, const Before& before, RunReport& report) {
  const bool history = keeps_history(stages, poll);
  // A start that the file gives is none that a run has found: it may still be mended there.
  std::string cursor = prepared.cursor == before.cursor ? report.record.cursor : prepared.cursor;
  if (!poll.cursor) cursor.clear();
  auto due = due_objects(stages, poll, prepared, report.record);
  // Where nothing will be written, nothing can be cut off: what is remembered goes into the state whole.
  const bool announced = !due.empty();
  if (announced) {
    std::optional<Pending> pending;
    if (history) pending = {before.at, cursor, poll.window.has_value(), prepared.content_type, prepared.body};
    if (auto done = co_await announce(stages, poll, pending, due, report); !done) co_return done;
  }
  auto published = co_await publish_objects(stages, std::move(due), report);
  if (!published && published.error().kind == ErrorKind::kCanceled) co_return published;
  if (announced) report.writes.push_back(take_away(pending_key(poll.name)));
  if (!published) co_return published;
  report.record.cursor = std::move(cursor);
  if (poll.window && prepared.body != before.window) {
    report.writes.push_back(put_away(window_key(poll.name), prepared.body));
  }
  co_return published;
}

}  // namespace pollux::poll
