#pragma once
// SPDX-License-Identifier: Apache-2.0
// What is remembered of a poll from run to run, as it stands in the state under "poll/<name>". Value type;
// pure functions.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "poll/fetch/fetcher.hpp"
#include "poll/publish/status_object.hpp"

namespace pollux::poll {

/// How a run ends: published, unchanged, kept, failed or skipped; pending before the first.
using Outcome = publish::PollState;

struct ObjectRecord {
  std::string sha256;  // of the body and of the headers it went with
  std::uint64_t bytes = 0;
  bool operator==(const ObjectRecord&) const = default;
};

struct Record {
  Outcome outcome = Outcome::kPending;
  std::optional<Time> updated_at;  // when what is public was last fetched and found good
  std::optional<Time> checked_at;  // when the last run that was not skipped began
  std::optional<ErrorKind> reason;
  std::string message;                          // for the operator, secrets already hidden
  std::map<std::string, ObjectRecord> objects;  // what was last written, by "store:path"
  fetch::Validators validators;                 // of what made these objects; empty: nothing to ask with
  std::string made_by;                          // result_shape() of the run that they are from
  std::string cursor;                           // JSON: what the next run starts from; empty: none yet
  bool operator==(const Record&) const = default;
};

std::string record_key(const std::string& poll);
std::string record_json(const Record& record);
/// kState when the text is none of record_json's.
Result<Record> parse_record(std::string_view text);

}  // namespace pollux::poll
