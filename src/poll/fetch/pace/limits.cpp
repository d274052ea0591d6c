// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/pace/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/units.hpp"

namespace pollux::fetch {
namespace {

namespace json = boost::json;

constexpr Millis kLongestHold = std::chrono::hours(24);

// Under which a window is kept: what it counts by, whatever number it may reach. A limit that was raised goes
// on with what is counted.
std::string window_key(const config::Limit& limit) {
  const std::string text = limit_text(limit);
  return text.substr(text.find('/') + 1);
}

const json::value* member(const json::value& value, std::string_view name) {
  return value.is_object() ? value.get_object().if_contains(name) : nullptr;
}

}  // namespace

Limits::Limits(std::vector<config::Limit> limits, Millis longest)
    : windows_(limits.begin(), limits.end()), longest_(longest) {}

void Limits::advance(Time now) {
  late_.clamp(now + kLate);
  for (LimitWindow& window : windows_) window.advance(now, arrivals());
  late_.forget_before(now);
  if (!hold_) return;
  hold_->until = std::min(hold_->until, now + kLongestHold);
  if (hold_->until <= now) hold_.reset();
}

Verdict Limits::look(Time now) {
  advance(now);
  Verdict verdict;
  if (hold_) verdict = {hold_->until, hold_->why};
  for (const LimitWindow& window : windows_) {
    if (!window.full(now, arrivals())) continue;
    const Time room = window.room_at(now, arrivals());
    if (verdict.wait_until && *verdict.wait_until >= room) continue;
    verdict = {room, fmt::format("{} is used up until {}", limit_text(window.limit()), format_time(room))};
  }
  return verdict;
}

Limits::Ticket Limits::begin(Time now) {
  advance(now);
  for (LimitWindow& window : windows_) window.begun();
  in_flight_.emplace(next_, now);
  return next_++;
}

void Limits::end(Ticket ticket, Time now, Ending ending) {
  advance(now);  // with this one: it has touched the window of now
  if (in_flight_.erase(ticket) == 0) return;
  if (ending == Ending::kUnsent) {
    for (LimitWindow& window : windows_) window.unsent();
    return;
  }
  const Time gone = ending == Ending::kAnswered ? now : now + kLate;
  if (ending == Ending::kUnknown) late_.add(gone);
  for (LimitWindow& window : windows_) window.ended(gone);
}

void Limits::hold(Time until, std::string why) {
  if (!hold_ || hold_->until < until) hold_ = Hold{until, std::move(why)};
}

std::vector<Limits::Use> Limits::used(Time now) {
  advance(now);
  std::vector<Use> out;
  for (const LimitWindow& window : windows_) {
    Use use{window.limit(), window.used(now, arrivals()), std::nullopt};
    if (use.used > 0) use.resets_at = window.resets_at(now);
    out.push_back(std::move(use));
  }
  return out;
}

std::string Limits::save() const {
  json::object windows;
  for (const LimitWindow& window : windows_) windows[window_key(window.limit())] = window.save();
  Stamps in_flight;
  for (const auto& [ticket, since] : in_flight_) in_flight.add(since);
  json::object out{
      {"windows", std::move(windows)}, {"in_flight", as_json(in_flight)}, {"late", as_json(late_)}};
  if (hold_)
    out["hold"] = json::object{{"until", hold_->until.time_since_epoch().count()}, {"why", hold_->why}};
  return json::serialize(out);
}

Result<void> Limits::restore(std::string_view text, Time now) {
  boost::system::error_code error;
  const json::value saved = json::parse(text, error);
  const json::value* windows = error ? nullptr : member(saved, "windows");
  const json::value* in_flight = error ? nullptr : member(saved, "in_flight");
  const json::value* late = error ? nullptr : member(saved, "late");
  Stamps were_in_flight;
  bool good = windows != nullptr && windows->is_object() && in_flight != nullptr && late != nullptr &&
              from_json(*in_flight, were_in_flight) && from_json(*late, late_);
  for (LimitWindow& window : windows_) {
    const json::value* one = good ? member(*windows, window_key(window.limit())) : nullptr;
    if (one != nullptr) good = window.restore(*one);
  }
  if (!good) return fail(ErrorKind::kState, "what is remembered of its limits cannot be read");
  for (const auto& [since, count] : were_in_flight.entries()) {
    const Time gone = std::min(now, since + longest_) + kLate;
    late_.add(gone, count);
    for (LimitWindow& window : windows_) window.ended(gone, count);
  }
  if (const json::value* held = member(saved, "hold")) {
    const json::value* until = member(*held, "until");
    const json::value* why = member(*held, "why");
    auto time = until != nullptr ? time_from(*until) : std::nullopt;
    if (time && why != nullptr && why->is_string()) hold(*time, std::string(why->get_string()));
  }
  advance(now);
  return {};
}

}  // namespace pollux::fetch
