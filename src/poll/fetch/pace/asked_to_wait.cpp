// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/pace/asked_to_wait.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "base/ascii.hpp"
#include "base/units.hpp"
#include "poll/fetch/pace/retry.hpp"

namespace pollux::fetch {
namespace {

constexpr Millis kLongest = std::chrono::hours(24);

std::string_view find(const net::Headers& headers, std::string_view name) {
  return ascii_trimmed(net::find_header(headers, name));
}

// "12" or "12.5", as milliseconds; what is too large for a clock is as large as can be.
std::optional<std::int64_t> parse_thousandths(std::string_view text) {
  constexpr std::int64_t kMost = 1'000'000'000'000'000;
  std::int64_t whole = 0;
  auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (rest == text.data() || whole < 0) return std::nullopt;
  if (error == std::errc::result_out_of_range) whole = kMost;
  std::int64_t thousandths = 0;
  std::string_view after = text.substr(static_cast<std::size_t>(rest - text.data()));
  if (after.starts_with('.')) {
    after.remove_prefix(1);
    std::int64_t scale = 100;
    for (; !after.empty() && after[0] >= '0' && after[0] <= '9'; after.remove_prefix(1), scale /= 10)
      thousandths += (after[0] - '0') * scale;
  }
  if (!after.empty()) return std::nullopt;
  return std::min(whole, kMost) * 1000 + thousandths;
}

bool is_nothing(std::string_view remaining) {
  if (remaining.starts_with('-')) return true;  // some count below zero
  return !remaining.empty() && remaining.find_first_not_of('0') == std::string_view::npos;
}

// The parts of a list between separators that are in no quoted string (RFC 8941, 3.1 and 3.3.3).
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == separator) {
      parts.push_back(ascii_trimmed(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  parts.push_back(ascii_trimmed(text.substr(begin)));
  return parts;
}

// What is behind `name=` in one of the parts.
std::string_view value_of(const std::vector<std::string_view>& parts, std::string_view name) {
  for (std::string_view part : parts) {
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos && ascii_iequals(ascii_trimmed(part.substr(0, equals)), name))
      return ascii_trimmed(part.substr(equals + 1));
  }
  return {};
}

// By the other side's clock where it says what it is: a moment of its own is then as far away as it means.
Time their_time(const net::Headers& headers, Time now) {
  const auto date = net::parse_http_date(std::string(find(headers, "Date")));
  const bool believable = date && *date > now - kLongest && *date < now + kLongest;
  return believable ? *date : now;
}

class Latest {
 public:
  explicit Latest(Time now) : now_(now) {}
  void take(std::optional<Millis> wait, std::string_view how) {
    if (!wait || *wait <= Millis(0)) return;
    if (!found_ || found_->until < now_ + *wait) found_ = AskedToWait{now_ + *wait, how};
  }
  std::optional<AskedToWait> found() const { return found_; }

 private:
  Time now_;
  std::optional<AskedToWait> found_;
};

struct Family {
  std::string_view remaining, reset, reset_after;
};
constexpr std::array<Family, 3> kFamilies{
    {{"RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Reset-After"},
     {"X-RateLimit-Remaining", "X-RateLimit-Reset", "X-RateLimit-Reset-After"},
     {"X-Rate-Limit-Remaining", "X-Rate-Limit-Reset", "X-Rate-Limit-Reset-After"}}};
constexpr std::string_view kRetryAfter = "Retry-After";
constexpr std::string_view kRateLimit = "RateLimit";

// `RateLimit: limit=100, remaining=0, reset=50` of drafts 03 to 07, and `RateLimit: "policy";r=0;t=50` since
// 08.
void read_rate_limit(std::string_view value, Time now, Latest& latest) {
  const auto members = split(value, ',');
  if (is_nothing(value_of(members, "remaining")))
    latest.take(parse_reset(value_of(members, "reset"), now), kRateLimit);
  for (std::string_view member : members) {
    const auto parameters = split(member, ';');
    if (is_nothing(value_of(parameters, "r")))
      latest.take(parse_reset(value_of(parameters, "t"), now), kRateLimit);
  }
}

}  // namespace

std::optional<Millis> parse_reset(std::string_view text, Time now) {
  constexpr std::int64_t kEpochSeconds = 1'000'000'000;  // as seconds: 31 years, or the year 2001
  constexpr std::int64_t kEpochMillis = 1'000'000'000'000;
  text = ascii_trimmed(text);
  Millis wait{0};
  if (auto thousandths = parse_thousandths(text)) {
    wait = Millis(*thousandths);
    if (*thousandths / 1000 >= kEpochMillis) {
      wait = Time(Millis(*thousandths / 1000)) - now;
    } else if (*thousandths / 1000 >= kEpochSeconds) {
      wait = Time(Millis(*thousandths)) - now;
    }
  } else if (auto date = parse_time(text)) {
    wait = *date - now;
  } else if (auto http_date = net::parse_http_date(std::string(text))) {
    wait = *http_date - now;
  }
  if (wait <= Millis(0)) return std::nullopt;
  return std::min(wait, kLongest);
}

bool tells_when_to_come_back(std::string_view header) {
  auto is = [&](std::string_view name) { return ascii_iequals(header, name); };
  return is(kRetryAfter) || is(kRateLimit) || std::ranges::any_of(kFamilies, [&](const Family& family) {
           return is(family.remaining) || is(family.reset) || is(family.reset_after);
         });
}

std::optional<Millis> retry_after(const net::Headers& headers, Time now) {
  return parse_retry_after(find(headers, kRetryAfter), their_time(headers, now));
}

std::optional<AskedToWait> asked_to_wait(int status, const net::Headers& headers, Time now) {
  Latest latest(now);
  const Time theirs = their_time(headers, now);
  if (status == 403 || status == 429 || status == 503) latest.take(retry_after(headers, now), kRetryAfter);
  for (const Family& family : kFamilies) {
    if (!is_nothing(find(headers, family.remaining))) continue;
    const std::string_view after = find(headers, family.reset_after);
    const bool has_after = !after.empty();
    latest.take(parse_reset(has_after ? after : find(headers, family.reset), theirs),
                has_after ? family.reset_after : family.reset);
  }
  for (const auto& [name, value] : headers) {
    if (ascii_iequals(name, kRateLimit)) read_rate_limit(value, theirs, latest);
  }
  return latest.found();
}

}  // namespace pollux::fetch
