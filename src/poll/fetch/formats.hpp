#pragma once
// SPDX-License-Identifier: Apache-2.0
// What an answer is, and how it becomes the JSON that the rest of a run works with. Bytes that were JSON stay
// as they came. Pure; any thread: the fetcher does it on the pool where there is much of it.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/units.hpp"
#include "config/poll.hpp"

namespace pollux::fetch {

/// Auto resolved by the content type: application/x-ndjson and its like are JSON Lines, text/csv is CSV,
/// everything else is judged as JSON, so that a page of HTML is refused.
config::Format format_of(config::Format told, std::string_view content_type);

/// What to ask for; empty: nothing.
std::string_view accept_of(config::Format told);

/// The body as UTF-8 JSON, of a text its own text. A byte order mark decides over every other word about the
/// character set, and is taken away, but from a text. What was JSON is not yet checked. Errors: kMalformed,
/// kTruncated; kTooLarge where a table becomes more than `most` bytes of JSON.
Result<std::string> as_json(const config::Step& step, std::string body, std::string_view content_type,
                            Bytes most);

}  // namespace pollux::fetch
