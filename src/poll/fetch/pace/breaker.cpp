// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/pace/breaker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/units.hpp"

namespace pollux::fetch {

Verdict Breaker::look(Time now) const {
  if (!since_ || (!probing_ && now >= probe_at_)) return {};
  // While a probe is under way its answer is what counts; a second is only for those who cannot be told of
  // it.
  const Time again = probing_ ? std::max(probe_at_, now + std::chrono::seconds(1)) : probe_at_;
  return {again,
          fmt::format("in trouble since {}, asked again at {}", format_time(*since_), format_time(again))};
}

Breaker::Era Breaker::begin(Time) {
  if (since_) probing_ = true;
  return era_;
}

void Breaker::succeeded(Era era) {
  if (era != era_) return;
  failures_ = 0;
  opened_ = 0;
  probing_ = false;
  since_.reset();
}

void Breaker::failed(Era era, Time now, double chance) {
  if (era != era_) return;
  if (!since_) {
    ++failures_;
    if (policy_.failures == 0 || failures_ < policy_.failures) return;
    since_ = now;
  }
  open_until_probe(now, chance);
}

void Breaker::abandoned(Era era) {
  if (era == era_) probing_ = false;
}

void Breaker::open_until_probe(Time now, double chance) {
  ++era_;
  probing_ = false;
  failures_ = 0;
  const double longest = static_cast<double>(policy_.pause_to.count());
  const double grown = static_cast<double>(policy_.pause_from.count()) *
                       std::exp2(static_cast<double>(std::min<std::uint64_t>(opened_++, 40)));
  // Between half of it and all of it: many pollers of one API do not come back together.
  const double pause = std::min(grown, longest) * (0.5 + chance / 2);
  probe_at_ = now + Millis(static_cast<std::int64_t>(pause));
}

}  // namespace pollux::fetch
