#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the modelled network and upstream make of a request: how long it takes and how it ends. Pure but for
// the dice.

#include <cstdint>
#include <optional>
#include <random>

#include "base/result.hpp"
#include "config/upstream.hpp"
#include "plan/simulate.hpp"
#include "poll/fetch/pace/limits.hpp"

namespace pollux::plan {

/// The same numbers for the same seed, with every library.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  double operator()() { return static_cast<double>(engine_() >> 11U) * 0x1p-53; }
  /// From `from` up to, not with, `to`.
  double between(double from, double to) { return from + (to - from) * (*this)(); }

 private:
  std::mt19937_64 engine_;
};

struct Fate {
  Millis takes{0};
  std::optional<Error> error;  // nullopt: answered
  fetch::Limits::Ending ending = fetch::Limits::Ending::kAnswered;
  bool trouble = false;  // counts for the breaker
};

/// Answered, after between half and one and a half times the latency.
Fate answered_fate(Dice& dice, const SimulationOptions& options);

/// Fails as often as `faults` says, in one of the ways in which upstreams fail.
Fate rolled_fate(Dice& dice, const SimulationOptions& options, const config::Upstream& upstream);

}  // namespace pollux::plan
