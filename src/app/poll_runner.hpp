#pragma once
// SPDX-License-Identifier: Apache-2.0
// Runs a poll the way that `run` and `once` both do: never two of one poll at a time, every run with an
// outcome that is logged and remembered before it is shown. Owned by the app; io thread; outlives the tasks
// of the runs.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "app/runtime.hpp"
#include "poll/status_writer.hpp"

namespace pollux::app {

/// For how long a run may wait that has no slots of its own, since somebody else decides when it runs: one
/// period of its poll, and at least a minute.
Time one_period_from(Time now, const config::Poll& poll);

class PollRunner {
 public:
  /// How long a run may wait, for limits and retries: until its next slot, or, where somebody else decides
  /// when it runs, for as long as from one slot to the next.
  enum class Room { kUntilNextSlot, kOnePeriod };

  explicit PollRunner(Runtime& runtime, Room room = Room::kUntilNextSlot);

  /// One run, to its end: how it ended. A poll that still runs is skipped, and says so.
  Task<poll::Outcome> run(std::string poll, Time at);

  /// A run that is not begun, kOverlap or kBusy: said in the log and the status object.
  void skip(const std::string& poll, ErrorKind why, const std::string& message);

  /// The writers of `_status.json`, one for each store: the daemon lets them work, `once` flushes them.
  std::map<std::string, std::unique_ptr<poll::StatusWriter>>& status_writers() { return status_; }

 private:
  std::optional<Time> wait_until(const config::Poll& poll) const;
  void log_run(const config::Poll& poll, const poll::RunReport& report, const std::string& run_id);
  Task<> remember(const config::Poll& poll, const poll::RunReport& report, Time at, std::string run_id);
  void touch_status(const config::Poll& poll);

  Runtime& runtime_;
  Room room_;
  std::map<std::string, std::unique_ptr<poll::StatusWriter>> status_;
  std::uint64_t next_run_;
};

}  // namespace pollux::app
