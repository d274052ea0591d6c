// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/s3_retry.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace pollux::publish {

bool s3_passing(const S3Outcome& outcome) {
  if (outcome.status == 0) return outcome.unanswered.when != Retry::When::kNever;
  return outcome.status >= 500 || outcome.status == 429 || outcome.status == 409 ||
         outcome.code == "RequestTimeout";
}

std::optional<Millis> s3_next_attempt(const S3RetryRules& rules, std::size_t attempt,
                                      const S3Outcome& outcome, double chance) {
  if (attempt >= rules.attempts || !s3_passing(outcome)) return std::nullopt;
  auto asked = outcome.asked;
  if (outcome.status == 0 && outcome.unanswered.when == Retry::When::kAfter) asked = outcome.unanswered.delay;
  if (asked && *asked > rules.longest_asked) return std::nullopt;
  auto doubled = rules.from.count() << std::min<std::size_t>(attempt - 1, 20);
  auto bound = std::min<std::int64_t>(doubled, rules.to.count());
  Millis wait(static_cast<std::int64_t>(static_cast<double>(bound) * std::clamp(chance, 0.0, 1.0)));
  return asked ? std::max(wait, *asked) : wait;
}

std::optional<Millis> retry_after(std::string_view header) {
  unsigned seconds = 0;
  auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), seconds);
  if (error != std::errc() || end != header.data() + header.size() || header.empty()) return std::nullopt;
  return std::chrono::seconds(seconds);
}

}  // namespace pollux::publish
