// SPDX-License-Identifier: Apache-2.0
#include "poll/run_once.hpp"

#include <fmt/format.h>

#include <boost/system/system_error.hpp>

#include "base/units.hpp"
#include "poll/result_shape.hpp"
#include "poll/write_ahead.hpp"

namespace pollux::poll {
namespace {

std::string age_text(const Record& record, Time now) {
  if (!record.updated_at) return "nothing was published before";
  return fmt::format("kept the object of {} ({} old)", format_time(*record.updated_at),
                     describe_duration(now - *record.updated_at));
}

std::string total_text(const Durations& took) {
  return describe_duration(took.fetch + took.transform + took.check + took.publish);
}

// Neither a step nor a store is to be mended then, and it looks the same from each of them. A proxy that is
// there and says no is not asked again, one that is away is.
bool is_unreachable_proxy(const Error& error) {
  return error.kind == ErrorKind::kProxy && error.retry != Retry::never();
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
  const std::string what = is_unreachable_proxy(error)
                               ? fmt::format("{}: egress proxy unreachable ({})",
                                             publish::state_name(report.outcome), error.text())
                               : error.text();
  report.message = fmt::format("{}: {}; {}", poll.name, what, age_text(report.record, now));
  if (!report.written.empty())
    report.message += fmt::format("; written before: {}", fmt::join(report.written, ", "));
}

Task<Result<void>> four_verbs(const Stages& stages, const config::Poll& poll, Slot slot, RunReport& report) {
  if (auto finished = co_await finish_cut_off(stages, poll, report); !finished) co_return finished;
  auto before = co_await recall(stages, poll, report.record);
  if (!before) co_return std::unexpected(before.error());
  std::string shape = result_shape(stages, poll);
  if (report.record.made_by == shape) before->validators = report.record.validators;
  auto prepared = co_await prepare(stages, poll, slot, *before, report.effort, report.took);
  if (!prepared) co_return std::unexpected(prepared.error());
  report.not_modified = prepared->not_modified;
  if (prepared->not_modified) co_return Result<void>{};
  auto begun = stages.clock.steady();
  auto published = co_await publish_remembered(stages, poll, *prepared, *before, report);
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
