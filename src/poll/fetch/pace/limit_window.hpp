#pragma once
// SPDX-License-Identifier: Apache-2.0
// What one limit has counted: a window of the wall clock that begins anew, or a sliding one. May count too
// much for a while, never too little: also when memory is short or the clock goes back. Pure; owned by
// Limits.

#include <boost/json/value.hpp>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "config/upstream.hpp"

namespace pollux::fetch {

/// Moments in their order, each with how many share it. Beyond so many entries neighbours become one, at the
/// later moment.
class Stamps {
 public:
  using Entry = std::pair<Time, std::uint64_t>;

  /// Moments in the same step of this length may be taken together once there are too many.
  explicit Stamps(Millis step = Millis(100)) : step_(step) {}

  void add(Time at, std::uint64_t count = 1);
  void forget_before(Time time);
  /// No moment is later than this from now on: the later ones become it.
  void clamp(Time latest);

  std::uint64_t count() const { return count_; }
  std::uint64_t count_from(Time time) const;
  const std::deque<Entry>& entries() const { return entries_; }

 private:
  void merge();

  std::deque<Entry> entries_;
  std::uint64_t count_ = 0;
  Millis step_;
};

/// The requests that may reach the API from now on.
struct Arrivals {
  std::uint64_t in_flight = 0;
  const Stamps* late = nullptr;  // those without an answer, by when they will have arrived
  std::uint64_t from(Time time) const { return in_flight + late->count_from(time); }
};

/// How long after its failure a request may still be on its way to the API.
inline constexpr Millis kLate = std::chrono::seconds(2);

class LimitWindow {
 public:
  explicit LimitWindow(config::Limit limit);
  const config::Limit& limit() const { return limit_; }

  /// Before everything else: to the window of `now`.
  void advance(Time now, const Arrivals& arrivals);
  void begun() { ++used_; }
  /// `gone`: until when it may arrive.
  void ended(Time gone, std::uint64_t count = 1);
  void unsent();

  std::uint64_t used(Time now, const Arrivals& arrivals) const;
  bool full(Time now, const Arrivals& arrivals) const { return used(now, arrivals) >= limit_.requests; }
  /// The soonest moment at which a full one may have room again.
  Time room_at(Time now, const Arrivals& arrivals) const;
  /// When the first of what is counted is forgotten.
  Time resets_at(Time now) const;

  boost::json::object save() const;
  /// False where it is not what save() made.
  bool restore(const boost::json::value& saved);

 private:
  void enter(Time now);

  config::Limit limit_;
  Time start_{};              // fixed: of the window that is counted
  Time next_{};               // fixed: of the one after it
  std::uint64_t used_ = 0;    // fixed: with those in flight
  std::uint64_t before_ = 0;  // fixed: in the window just before, should the clock go back to it
  Stamps done_;               // sliding: when requests ended
};

/// Moments as JSON, and back: false where it is none.
boost::json::array as_json(const Stamps& stamps);
bool from_json(const boost::json::value& saved, Stamps& out);
/// A moment of the state file: milliseconds, within what a calendar can do.
std::optional<Time> time_from(const boost::json::value& saved);

/// "300/minute", "100/hour sliding", "20000/day in America/Los_Angeles".
std::string limit_text(const config::Limit& limit);

/// The length of a sliding window; a month is 31 days.
Millis sliding_length(config::Limit::Per per);

}  // namespace pollux::fetch
