#pragma once
// SPDX-License-Identifier: Apache-2.0
// What one run of a poll asks of an upstream, when all goes well and when everything goes wrong. Mirrors what
// the fetcher and the upstream's session do (attempts, one renewal on a 401, one send for each page, another
// for what has not changed where something else has). Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/config.hpp"

namespace pollux::plan {

/// What nobody can know from the file.
struct Assumptions {
  std::uint64_t pages = 1;                // of a paged step, usually
  std::chrono::seconds token_life{3600};  // of an access token
  bool operator==(const Assumptions&) const = default;
};

/// Of one run, on one upstream; tokens apart.
struct RunDemand {
  std::uint64_t usual = 0;  // requests: one attempt for each step and usual page
  std::uint64_t worst = 0;  // requests: all attempts of all pages, those with renewed credentials among them
  std::uint64_t sends = 0;  // steps and pages at the worst: each may have tokens renewed
  std::uint64_t steps = 0;  // at the worst: each may fail for want of a token
  bool paged = false;
};

/// How an upstream's tokens are asked for.
struct TokenDemand {
  std::uint64_t kept = 0;         // tokens that are held at a time; 0: nobody is asked for one
  std::uint64_t resends = 0;      // of a request that was refused, with other credentials
  std::uint64_t attempts = 0;     // requests that asking for one may take
  std::uint64_t asks_a_life = 1;  // a renewal that fails is tried again while the old token is good
  Millis renewed_after{0};
};

RunDemand demand_of(const config::Poll& poll, const config::Upstream& upstream, const Assumptions& assumed);

TokenDemand tokens_of(const config::Upstream& upstream, const Assumptions& assumed);

/// Whether a step's request may be sent again though it may have arrived.
bool repeatable(const config::Step& step);

/// The names of the upstreams that a poll asks, each once.
std::vector<std::string> upstreams_of(const config::Poll& poll);

}  // namespace pollux::plan
