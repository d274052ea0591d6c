// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/status_object.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/units.hpp"

namespace pollux::publish {
namespace {

std::string time_or_null(std::optional<Time> time) { return time ? json_quote(format_time(*time)) : "null"; }

std::string entry(const PollStatus& status, Time now) {
  std::optional<Time> stale_at;
  if (status.stale_after && status.updated_at) stale_at = *status.updated_at + *status.stale_after;
  bool stale = status.stale_after && (!stale_at || now >= *stale_at);
  auto reason = status.reason ? json_quote(public_reason(*status.reason)) : "null";
  return fmt::format(
      "    {}: {{\n      \"state\": \"{}\",\n      \"updated_at\": {},\n      \"checked_at\": {},\n"
      "      \"next_at\": {},\n      \"stale_after\": {},\n      \"stale\": {},\n      \"reason\": {}\n    "
      "}}",
      json_quote(status.poll), state_name(status.state), time_or_null(status.updated_at),
      time_or_null(status.checked_at), time_or_null(status.next_at), time_or_null(stale_at), stale, reason);
}

}  // namespace

const char* state_name(PollState state) {
  switch (state) {
    case PollState::kPublished:
      return "published";
    case PollState::kUnchanged:
      return "unchanged";
    case PollState::kKept:
      return "kept";
    case PollState::kFailed:
      return "failed";
    case PollState::kSkipped:
      return "skipped";
    case PollState::kPending:
      return "pending";
  }
  return "pending";
}

std::string status_object(Time generated_at, std::vector<PollStatus> polls) {
  std::ranges::sort(polls, {}, &PollStatus::poll);
  std::string entries;
  for (const auto& status : polls) {
    entries += entries.empty() ? "\n" : ",\n";
    entries += entry(status, generated_at);
  }
  if (!entries.empty()) entries += "\n  ";
  return fmt::format("{{\n  \"generated_at\": {},\n  \"polls\": {{{}}}\n}}\n",
                     json_quote(format_time(generated_at)), entries);
}

}  // namespace pollux::publish
