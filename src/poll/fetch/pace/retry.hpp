#pragma once
// SPDX-License-Identifier: Apache-2.0
// Whether and when to try again: exponential backoff with full jitter, or what the peer asked for. Pure step
// functions.

#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/config.hpp"

namespace pollux::fetch {

/// How often a token may end while its request waits for its turn.
inline constexpr int kTurns = 5;

/// When a token is renewed again after a renewal that failed while the old one is still good.
inline constexpr Millis kRenewAgainAfter = std::chrono::seconds(10);

/// Exponential backoff with full jitter after `failed` failures, from 1; `chance` is in [0, 1).
Millis backoff_after(const config::RetryPolicy& policy, std::size_t failed, double chance);

/// How long to wait before attempt number `failed + 1`, or nullopt to give up: also where the wait would not
/// end within `room`, the time to the poll's next slot. Where there is no slot, a Retry-After longer than the
/// longest backoff (or 30 s) is no wait for a run. One of zero seconds means the usual backoff: taking it
/// literally burns every attempt at once.
std::optional<Millis> wait_before_retry(const config::RetryPolicy& policy, std::size_t failed,
                                        const Error& error, double chance,
                                        std::optional<Millis> room = std::nullopt);

/// RFC 9110, 10.2.3: seconds, or an HTTP date. At most a day. nullopt where it is neither.
std::optional<Millis> parse_retry_after(std::string_view value, Time now);

/// What an answer's status means: nothing for 2xx but 206 (nobody asked for a part), else the Error with its
/// advice: 408, 425, 429, 500, 502, 503 and 504 may pass, after `retry_after` where the answer has it;
/// everything else will not.
std::optional<Error> error_of_status(int status, std::string_view host,
                                     std::optional<Millis> retry_after = std::nullopt);

}  // namespace pollux::fetch
