#pragma once
// SPDX-License-Identifier: Apache-2.0
// When a request to S3 is tried again: a step function without clock, socket or chance of its own, so that
// every path is a plain test. Full jitter: the wait is anything between nothing and the doubled bound, so
// that many polls that failed together do not come back together.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/units.hpp"

namespace pollux::publish {

struct S3RetryRules {
  std::size_t attempts = 4;  // the first one counts
  Millis from = Millis(200);
  Millis to = std::chrono::seconds(5);
  Millis longest_asked = std::chrono::seconds(20);  // a Retry-After beyond this ends the trying
};

/// How one attempt ended: with an answer, or without one.
struct S3Outcome {
  int status = 0;               // 0: no answer
  std::string_view code;        // of the answer's body
  Retry unanswered;             // status 0 only: what the client says of trying again
  std::optional<Millis> asked;  // Retry-After
};

/// Whether the same request may end better: 5xx, 429, a conflict with another writer (409), a body that came
/// too slowly, and faults of the connection.
bool s3_passing(const S3Outcome& outcome);

/// How long to wait before the next attempt; nullopt: none. `attempt` counts from 1; `chance` is in [0, 1).
std::optional<Millis> s3_next_attempt(const S3RetryRules& rules, std::size_t attempt,
                                      const S3Outcome& outcome, double chance);

/// RFC 9110, 10.2.3, the form in seconds; nullopt for a date or nonsense.
std::optional<Millis> retry_after(std::string_view header);

}  // namespace pollux::publish
