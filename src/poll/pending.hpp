#pragma once
// SPDX-License-Identifier: Apache-2.0
// What a run writes down before it publishes, as it stands in the state under "pending/<poll>": enough for
// the next process to finish it, should this one be killed
// (docs/decisions/0012-write-ahead-of-the-public.md). Value type; pure functions.

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace pollux::poll {

struct Pending {
  Time at{};                 // when its run began
  std::string cursor;        // JSON, from then on; empty: the poll has none
  bool is_window = false;    // the body is the poll's window too
  std::string content_type;  // as the stages made it
  std::string body;
  bool operator==(const Pending&) const = default;
};

std::string pending_key(const std::string& poll);
std::string window_key(const std::string& poll);
std::string pending_text(const Pending& pending);
/// kState when the text is none of pending_text's.
Result<Pending> parse_pending(std::string_view text);

}  // namespace pollux::poll
