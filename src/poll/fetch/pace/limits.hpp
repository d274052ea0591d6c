#pragma once
// SPDX-License-Identifier: Apache-2.0
// How much of an upstream's limits is used. A request counts in every window that it touches, from its
// beginning to its end: the API counts it somewhere in between. Pure step functions: no I/O, the time is
// passed in. Owned by the upstream's gate, or by a simulation. One thread.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/upstream.hpp"
#include "poll/fetch/pace/limit_window.hpp"

namespace pollux::fetch {

/// Whether something may begin now.
struct Verdict {
  std::optional<Time> wait_until;  // nullopt: go ahead; else ask again then, or when a request has ended
  std::string why;                 // "300/minute is used up until 2026-01-02T10:05:00Z"
};

class Limits {
 public:
  using Ticket = std::uint64_t;

  /// How far a request came.
  enum class Ending {
    kAnswered,  // the API has counted it
    kUnknown,   // it may still be on its way, and is counted for a moment longer
    kUnsent,    // it never left, and is taken out again
  };

  struct Use {
    config::Limit limit;
    std::uint64_t used = 0;
    std::optional<Time> resets_at;  // when something of it is free again; nullopt: nothing is used
  };

  /// `longest`: no request is in flight for longer.
  explicit Limits(std::vector<config::Limit> limits, Millis longest = std::chrono::hours(1));

  /// May one more request begin now?
  Verdict look(Time now);

  /// Counts it in every window. Only after look() let it.
  Ticket begin(Time now);
  void end(Ticket ticket, Time now, Ending ending = Ending::kAnswered);

  /// The API's own words: nothing begins before `until`. A shorter hold than the one there is changes
  /// nothing.
  void hold(Time until, std::string why);

  std::vector<Use> used(Time now);
  bool empty() const { return windows_.empty(); }

  /// JSON, for restore() of another process. What was in flight counts there as if it had ended with this
  /// one.
  std::string save() const;
  /// Limits that are in the file and not in the state begin unused. Fails with kState.
  Result<void> restore(std::string_view saved, Time now);

 private:
  void advance(Time now);
  Arrivals arrivals() const { return {in_flight_.size(), &late_}; }

  struct Hold {
    Time until;
    std::string why;
  };
  std::vector<LimitWindow> windows_;
  Millis longest_;
  std::map<Ticket, Time> in_flight_;  // since when
  Stamps late_;                       // until when requests of unknown end may still arrive
  std::optional<Hold> hold_;
  Ticket next_ = 1;
};

}  // namespace pollux::fetch
