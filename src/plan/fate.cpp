// SPDX-License-Identifier: Apache-2.0
#include "plan/fate.hpp"

namespace pollux::plan {

using fetch::Limits;

Fate answered_fate(Dice& dice, const SimulationOptions& options) {
  Fate fate;
  fate.takes = Millis(
      static_cast<std::int64_t>(static_cast<double>(options.latency.count()) * dice.between(0.5, 1.5)));
  return fate;
}

Fate rolled_fate(Dice& dice, const SimulationOptions& options, const config::Upstream& upstream) {
  Fate fate = answered_fate(dice, options);
  if (dice() >= options.faults) return fate;
  auto error = [&](ErrorKind kind, Retry retry) { fate.error = Error{kind, "", retry, {}}; };
  const double which = dice();
  if (which < 0.4) {  // 503
    error(ErrorKind::kStatus, Retry::later());
    fate.trouble = true;
  } else if (which < 0.55) {  // cut off: it may have arrived
    error(ErrorKind::kNetwork, Retry::later());
    fate.ending = Limits::Ending::kUnknown;
    fate.trouble = true;
  } else if (which < 0.65) {
    error(ErrorKind::kTimeout, Retry::later());
    fate.takes = upstream.timeouts.total;
    fate.ending = Limits::Ending::kUnknown;
    fate.trouble = true;
  } else if (which < 0.7) {  // nobody listens
    error(ErrorKind::kNetwork, Retry::later());
    fate.ending = Limits::Ending::kUnsent;
    fate.trouble = true;
  } else if (which < 0.85) {
    error(ErrorKind::kRateLimited, Retry::after(std::chrono::seconds(static_cast<int>(dice() * 20))));
  } else if (which < 0.97) {
    error(ErrorKind::kUnauthorized, Retry::never());
  } else {
    error(ErrorKind::kStatus, Retry::never());
  }
  return fate;
}

}  // namespace pollux::plan
