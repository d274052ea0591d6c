#pragma once
// SPDX-License-Identifier: Apache-2.0
// Leaves an upstream alone that fails again and again: after so many failures in a row it is open, for a
// pause that grows with each failed probe; then one probe at a time may pass, and the first that is answered
// closes it. Pure step functions. Owned by the upstream's gate. One thread.

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "config/upstream.hpp"
#include "poll/fetch/pace/limits.hpp"

namespace pollux::fetch {

class Breaker {
 public:
  /// Grows each time it opens: what was begun before says nothing about the upstream afterwards.
  using Era = std::uint64_t;

  explicit Breaker(config::BreakerPolicy policy) : policy_(policy) {}

  /// "in trouble since ..., asked again at ...": the upstream's name belongs in front.
  Verdict look(Time now) const;
  /// Only after look() let it. Exactly one of the three follows.
  Era begin(Time now);
  void succeeded(Era era);
  void failed(Era era, Time now, double chance);  // a failure that means trouble; chance in [0, 1)
  void abandoned(Era era);                        // neither: canceled, or never sent

  /// Since when there is trouble; nullopt: all is well.
  std::optional<Time> trouble_since() const { return since_; }
  bool open() const { return since_.has_value(); }
  /// When the next probe may pass. Only while it is open.
  Time asked_again_at() const { return probe_at_; }

 private:
  void open_until_probe(Time now, double chance);

  config::BreakerPolicy policy_;
  std::uint64_t failures_ = 0;  // in a row, while closed
  std::uint64_t opened_ = 0;    // in a row, without an answer in between
  std::optional<Time> since_;
  Time probe_at_{};
  bool probing_ = false;
  Era era_ = 0;
};

}  // namespace pollux::fetch
