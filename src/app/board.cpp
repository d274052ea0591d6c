// SPDX-License-Identifier: Apache-2.0
#include "app/board.hpp"

#include <algorithm>

namespace pollux::app {

Result<Board> Board::load(const config::File& file, state::Backend& backend) {
  Board board;
  for (const auto& [name, poll] : file.polls) {
    PollState& state = board.polls_[name];
    state.poll = &poll;
    auto entry = backend.get(poll::record_key(name));
    if (!entry) return std::unexpected(entry.error());
    if (!*entry) continue;
    if (auto record = poll::parse_record((*entry)->value)) state.record = std::move(*record);
  }
  return board;
}

std::string Board::status_text(const std::string& store, Time now) const {
  std::vector<publish::PollStatus> out;
  for (const auto& [name, state] : polls_) {
    bool here = std::ranges::any_of(state.poll->publish, [&](const auto& p) { return p.to == store; });
    if (!here) continue;
    const poll::Record& record = state.record;
    out.push_back({name, record.outcome, record.updated_at, record.checked_at, state.next_at,
                   state.poll->check.stale_after, record.reason});
  }
  return publish::status_object(now, std::move(out));
}

}  // namespace pollux::app
