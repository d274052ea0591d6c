#pragma once
// SPDX-License-Identifier: Apache-2.0
// Whether this machine's clock is right, as far as the Date header of answers tells (RFC 9110, 6.6.1): tokens
// and signatures hold the time, and are refused when it is wrong by minutes. Pure functions and a step
// function.

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace pollux::fetch {

/// By how much our clock is behind (negative: ahead of) the one that wrote `date`; zero where two minutes or
/// less are left once the request's own duration and the age of a cached answer (RFC 9111, 5.1) are allowed
/// for; nullopt where there is no Date to read.
std::optional<Millis> clock_skew(std::string_view date, std::string_view age, Time sent, Time received);

/// "7 min behind" or "3 h ahead of". `skew` is not zero.
std::string describe_skew(Millis skew);

/// Believes a skew when two answers in a row tell the same, within a minute: one alone may come from a cache
/// that does not say so. Two with one Date from one address are no two: they may be one answer, out of a
/// cache.
class SkewWatch {
 public:
  /// `date` as the answer has it, `url` where it came from. true: now is the time to say it. Once, until the
  /// clock was seen to be right again.
  bool step(Millis skew, std::string_view date, std::string_view url);

 private:
  Millis last_{0};
  std::string last_date_;
  std::string last_url_;
  bool said_ = false;
};

}  // namespace pollux::fetch
