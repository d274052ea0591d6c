#pragma once
// SPDX-License-Identifier: Apache-2.0
// What is known of every poll right now: its record, whether it runs, when it is due. The status object, the
// console and the scheduler read it; only PollRunner changes it. Owned by the app; io thread.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/config.hpp"
#include "poll/record.hpp"
#include "state/backend.hpp"

namespace pollux::app {

struct PollState {
  const config::Poll* poll = nullptr;
  poll::Record record;
  bool running = false;
  std::optional<Time> next_at;
  std::string last_message;  // of the last run since the start; secrets hidden
  Millis last_took{0};
};

class Board {
 public:
  /// Every poll of the file with its record from the state. kState where the state cannot be read; a record
  /// that cannot be parsed is forgotten: the next run makes a new one.
  static Result<Board> load(const config::File& file, state::Backend& backend);

  PollState& at(const std::string& poll) { return polls_.at(poll); }
  const std::map<std::string, PollState>& polls() const { return polls_; }

  /// `_status.json` for one store: the polls that publish into it.
  std::string status_text(const std::string& store, Time now) const;

 private:
  std::map<std::string, PollState> polls_;
};

}  // namespace pollux::app
