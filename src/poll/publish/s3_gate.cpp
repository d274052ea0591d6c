// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/s3_gate.hpp"

#include <algorithm>
#include <cstdint>

namespace pollux::publish {

std::optional<Millis> S3Gate::turn(Steady now, Millis longest) {
  if (next_ <= now) {
    next_ = now + distance();
    return Millis(0);
  }
  const auto wait = std::chrono::ceil<Millis>(next_ - now);
  if (wait > longest) return std::nullopt;
  next_ += distance();
  return wait;
}

bool S3Gate::slowed(Steady now, std::optional<Millis> asked) {
  const bool first = level_ == 0;
  // What was on its way when the server first said so says it again: that is one SlowDown.
  if (first || now >= raised_ + distance()) {
    ++level_;
    raised_ = now;
  }
  next_ = std::max(next_, now + std::max(asked.value_or(Millis(0)), distance()));
  return first;
}

void S3Gate::passed() {
  if (level_ > 0) --level_;
}

Millis S3Gate::distance() const {
  if (level_ == 0) return Millis(0);
  const auto doubled = from_.count() << std::min<std::size_t>(level_ - 1, 20);
  return Millis(std::min<std::int64_t>(doubled, to_.count()));
}

}  // namespace pollux::publish
