// SPDX-License-Identifier: Apache-2.0
#include "poll/run_once.hpp"

#include <fmt/format.h>

#include <boost/system/system_error.hpp>

#include "base/digest.hpp"
#include "base/units.hpp"
#include "poll/publish/object_path.hpp"
#include "poll/result_shape.hpp"

namespace pollux::poll {
namespace {

std::string object_key(const config::Publication& publication) {
  return publication.to + ":" + publication.path;
}

publish::Object as_object(const config::Publication& publication, const Prepared& prepared) {
  std::string type = publication.content_type.empty() ? prepared.content_type : publication.content_type;
  if (type.empty()) type = publish::content_type_of(publication.path);
  return {publication.path, prepared.body, type, publication.cache};
}

// Body, headers and place: a changed Cache-Control must reach the bucket too, and another bucket has nothing
// yet.
std::string identity(const publish::Object& object, const publish::Store& store) {
  return sha256_hex(store.target() + '\n' + object.content_type + '\n' + object.cache_control + '\n' +
                    object.body);
}

// Whatever a store says is about storing: a 403 of the bucket must not read as if the source had refused.
Error of_store(Error error, const std::string& store) {
  if (error.kind != ErrorKind::kCanceled) error.kind = ErrorKind::kStorage;
  if (error.where.empty()) error.where = "store " + store;
  return error;
}

// Writes what changed. What was written before a failure is remembered, and said in the report.
Task<Result<void>> publish_objects(const Stages& stages, const config::Poll& poll, const Prepared& prepared,
                                   RunReport& report) {
  for (const config::Publication& publication : poll.publish) {
    publish::Object object = as_object(publication, prepared);
    const std::string key = object_key(publication);
    publish::Store& store = *stages.stores.at(publication.to);
    ObjectRecord now{identity(object, store), object.body.size()};
    auto last = report.record.objects.find(key);
    if (last != report.record.objects.end() && last->second == now) continue;
    auto put = co_await store.put(std::move(object));
    if (!put) co_return std::unexpected(of_store(put.error(), publication.to));
    report.record.objects[key] = now;
    report.written.push_back(key);
    report.bytes_out += now.bytes;
  }
  co_return Result<void>{};
}

std::string age_text(const Record& record, Time now) {
  if (!record.updated_at) return "nothing was published before";
  return fmt::format("kept the object of {} ({} old)", format_time(*record.updated_at),
                     describe_duration(now - *record.updated_at));
}

std::string total_text(const Durations& took) {
  return describe_duration(took.fetch + took.transform + took.check + took.publish);
}

void conclude_well(RunReport& report, const config::Poll& poll, Time now) {
  report.record.updated_at = now;
  if (report.written.empty()) {
    report.outcome = Outcome::kUnchanged;
    report.message =
        fmt::format("{}: {} in {}", poll.name, report.not_modified ? "unchanged (not modified)" : "unchanged",
                    total_text(report.took));
    return;
  }
  report.outcome = Outcome::kPublished;
  report.message = fmt::format("{}: published {} ({}) in {}", poll.name, fmt::join(report.written, ", "),
                               describe_bytes(Bytes{report.bytes_out}), total_text(report.took));
}

void conclude_badly(RunReport& report, const config::Poll& poll, const Error& error, Time now) {
  report.error = error;
  if (error.kind == ErrorKind::kCanceled) {
    report.outcome = Outcome::kSkipped;
    report.message = fmt::format("{}: skipped: stopped before it was done", poll.name);
    return;
  }
  if (error.kind == ErrorKind::kLimited) {
    report.outcome = Outcome::kSkipped;
    report.message = fmt::format("{}: skipped: {}", poll.name, error.text());
    return;
  }
  report.outcome = report.record.updated_at ? Outcome::kKept : Outcome::kFailed;
  report.message = fmt::format("{}: {}; {}", poll.name, error.text(), age_text(report.record, now));
  if (!report.written.empty())
    report.message += fmt::format("; written before: {}", fmt::join(report.written, ", "));
}

Task<Result<void>> four_verbs(const Stages& stages, const config::Poll& poll, Slot slot, RunReport& report) {
  std::string shape = result_shape(stages, poll);
  fetch::Validators known;
  if (report.record.made_by == shape) known = report.record.validators;
  auto prepared = co_await prepare(stages, poll, slot, report.effort, report.took, std::move(known));
  if (!prepared) co_return std::unexpected(prepared.error());
  report.not_modified = prepared->not_modified;
  if (prepared->not_modified) co_return Result<void>{};
  // Until all objects are written, nobody may take them for what the validators stand for.
  report.record.validators.clear();
  auto begun = stages.clock.steady();
  auto published = co_await publish_objects(stages, poll, *prepared, report);
  report.took.publish = std::chrono::duration_cast<Millis>(stages.clock.steady() - begun);
  if (published) {
    report.record.validators = std::move(prepared->validators);
    report.record.made_by = std::move(shape);
  }
  co_return published;
}

}  // namespace

Task<RunReport> run_once(const Stages& stages, const config::Poll& poll, Record before, Slot slot) {
  RunReport report;
  report.record = std::move(before);
  // The clock's time, also under --at: what is public is as old as it is. Of the beginning, so that nothing
  // seems newer than what it was fetched from.
  const Time now = stages.clock.now();
  Result<void> done;
  try {
    done = co_await four_verbs(stages, poll, slot, report);
  } catch (const boost::system::system_error& e) {
    if (e.code() != asio::error::operation_aborted) throw;
    done = fail(ErrorKind::kCanceled, "stopped");
  }
  if (done) {
    conclude_well(report, poll, now);
  } else {
    conclude_badly(report, poll, done.error(), now);
  }
  report.message = stages.redactor.redact(report.message);
  report.record.outcome = report.outcome;
  // A run that was stopped has checked nothing: a daily poll would otherwise lose its day to a restart.
  if (report.outcome != Outcome::kSkipped) report.record.checked_at = now;
  report.record.reason = report.error ? std::optional(report.error->kind) : std::nullopt;
  report.record.message = report.error ? report.message : "";
  co_return report;
}

}  // namespace pollux::poll
