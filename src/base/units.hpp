#pragma once
// SPDX-License-Identifier: Apache-2.0
// Durations and sizes as people write them. Units live in types, never in a name like `int seconds`. Pure
// functions.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace pollux {

/// A number of bytes.
struct Bytes {
  std::uint64_t count = 0;
  auto operator<=>(const Bytes&) const = default;
};

/// "500ms", "10s", "1m", "2h", "1d", or several in falling order: "1h30m". Whole numbers, more than nothing,
/// a unit always ("10" alone is refused), at most 9 digits each. nullopt for anything else.
std::optional<Millis> parse_duration(std::string_view text);

/// The same grammar as a regular expression of JSON Schema (ECMA 262).
inline constexpr std::string_view kDurationPattern =
    "^(?=.*[1-9])([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?([0-9]{1,9}ms)?$";

/// The shortest text that parse_duration reads back: "1m30s"; "0s" for nothing.
std::string format_duration(Millis duration);

/// For people, at most two units: "12.4 s", "3 min 5 s", "2 h 10 min", "4 d 2 h".
std::string describe_duration(Millis duration);

/// "512", "64KiB", "64MiB", "1GiB", "10kB", "5MB". At most 9 digits. nullopt for anything else.
std::optional<Bytes> parse_bytes(std::string_view text);
inline constexpr std::string_view kBytesPattern = "^[0-9]{1,9}(B|kB|MB|GB|KiB|MiB|GiB)?$";

/// For people: "2.1 kB", "64 MiB".
std::string describe_bytes(Bytes bytes);

/// RFC 3339, UTC, whole seconds: "2026-01-02T03:04:05Z".
std::string format_time(Time time);

/// RFC 3339 date-time with Z or an offset, or a date alone (midnight UTC). nullopt for anything else.
std::optional<Time> parse_time(std::string_view text);

/// RFC 9110, 5.6.7 IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string format_http_date(Time time);

}  // namespace pollux
