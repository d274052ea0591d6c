#pragma once
// SPDX-License-Identifier: Apache-2.0
// What an answer says about when to come back: Retry-After (RFC 9110, 10.2.3), the RateLimit headers of the
// IETF drafts (draft-ietf-httpapi-ratelimit-headers, all versions), and the X-RateLimit ones that came before
// them. Foreign bytes in, one moment out. Pure.

#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "net/http_client.hpp"

namespace pollux::fetch {

struct AskedToWait {
  Time until{};          // later than now, at most a day
  std::string_view how;  // the header that said so
};

/// How long Retry-After asks to wait before the same is asked again, whatever the status; zero where it says
/// so or that moment is over. A moment counts by the answer's own Date, since it is of that clock.
std::optional<Millis> retry_after(const net::Headers& headers, Time now);

/// The latest moment that the headers name; nullopt where nothing asks for a pause. Retry-After counts on
/// 403, 429 and 503, the others whenever nothing remains.
std::optional<AskedToWait> asked_to_wait(int status, const net::Headers& headers, Time now);

/// Whether asked_to_wait() reads the header of this name, in any case.
bool tells_when_to_come_back(std::string_view header);

/// Delta seconds, an epoch in seconds or milliseconds (told apart by their size), or a date; how long from
/// `now`, more than nothing and at most a day.
std::optional<Millis> parse_reset(std::string_view text, Time now);

}  // namespace pollux::fetch
