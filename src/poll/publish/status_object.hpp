#pragma once
// SPDX-License-Identifier: Apache-2.0
// The text of `_status.json`: what a page may know about each poll. It is given only kinds of errors and says
// them with public_reason(), so that no address, header, host or secret can get in. Pure function.

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace pollux::publish {

inline constexpr const char* kStatusPath = "_status.json";

enum class PollState { kPublished, kUnchanged, kKept, kFailed, kSkipped, kPending };

/// "published", "unchanged", "kept", "failed", "skipped", "pending"
const char* state_name(PollState state);

struct PollStatus {
  std::string poll;
  PollState state = PollState::kPending;  // of the last run; pending: none yet
  std::optional<Time> updated_at;         // when what is public was last fetched and found good
  std::optional<Time> checked_at;         // when the last run that was not skipped began
  std::optional<Time> next_at;
  std::optional<Millis> stale_after;  // check.stale_after
  std::optional<ErrorKind> reason;    // why the last run kept or failed
};

/// {"generated_at": ..., "polls": {"wait-times": {"state": ..., "updated_at": ..., "checked_at": ...,
/// "next_at": ..., "stale_after": ..., "stale": ..., "reason": ...}}}, polls by name, keys always in this
/// order. Times are RFC 3339, UTC; stale_after is the moment from which the object is too old, so that a page
/// needs one comparison and no arithmetic, and sees it even when the poller no longer runs. What is not known
/// is null. `stale` is that comparison at generated_at; a poll with a limit that never published is stale.
std::string status_object(Time generated_at, std::vector<PollStatus> polls);

}  // namespace pollux::publish
