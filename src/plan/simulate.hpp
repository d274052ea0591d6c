#pragma once
// SPDX-License-Identifier: Apache-2.0
// Lets the real scheduler, limits, breaker and retries work on a fake clock against modelled upstreams: a
// week in seconds, the same for the same seed. No I/O.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/config.hpp"
#include "plan/demand.hpp"

namespace pollux::plan {

struct SimulationOptions {
  Millis length = std::chrono::days(7);
  double faults = 0;        // the share of requests that come to nothing, 0 to 1
  double not_modified = 0;  // the share of conditional requests that are answered with 304, 0 to 1
  /// In place of both: each request fails as often as it may, a refused token among that, and is answered in
  /// the end; one step of each poll has changed. What comes closest to a plan's worst.
  bool spite = false;
  Millis latency{200};
  std::uint64_t seed = 1;
  Assumptions assumed;
  /// Told of each request that reaches an upstream: when it was sent, when it was counted there.
  std::function<void(const std::string& upstream, Time sent, Time counted)> seen;
};

struct SimulatedUse {
  config::Limit limit;
  std::uint64_t most = 0;  // that the upstream counted in a window
};

struct SimulatedUpstream {
  std::string name;
  std::uint64_t requests = 0;  // tokens among them
  std::uint64_t tokens = 0;
  std::uint64_t retries = 0;
  std::uint64_t refused = 0;     // not sent: no room in the limits, or in trouble, until the next slot
  Millis longest_wait{0};        // for the limits, the breaker or a place
  std::uint64_t most_a_day = 0;  // in UTC
  std::uint64_t most_an_hour = 0;
  std::uint64_t most_a_minute = 0;
  std::vector<SimulatedUse> limits;
};

struct Simulation {
  std::uint64_t runs = 0;      // begun
  std::uint64_t answered = 0;  // all answers came
  std::uint64_t failed = 0;
  std::uint64_t limited = 0;  // ended for want of room in a limit
  std::uint64_t overlapping = 0;
  std::uint64_t unfinished = 0;  // still under way at the end
  std::vector<SimulatedUpstream> upstreams;
};

/// The daemon's first start is at `from`: each `every` poll runs at once.
Simulation simulate(const config::File& file, Time from, const SimulationOptions& options);

}  // namespace pollux::plan
