// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/pace/limit_window.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <string_view>

#include "calendar/local_span.hpp"

namespace pollux::fetch {
namespace {

namespace json = boost::json;
using config::Limit;

constexpr std::size_t kMostStamps = 128;

std::string_view per_text(Limit::Per per) {
  constexpr std::array<std::string_view, 5> kTexts{"second", "minute", "hour", "day", "month"};
  return kTexts.at(static_cast<std::size_t>(per));
}

calendar::Span span_of(const Limit& limit, Time time) {
  if (limit.per == Limit::Per::kDay) return calendar::local_day(time, limit.zone);
  if (limit.per == Limit::Per::kMonth) return calendar::local_month(time, limit.zone);
  const Millis length = sliding_length(limit.per);
  Millis into = time.time_since_epoch() % length;
  if (into < Millis(0)) into += length;
  return {time - into, time - into + length};
}

std::int64_t number_of(Time time) { return time.time_since_epoch().count(); }

std::optional<std::uint64_t> count_from_json(const json::value& saved) {
  boost::system::error_code error;
  auto count = saved.to_number<std::uint64_t>(error);
  return error || count > (1ULL << 53) ? std::nullopt : std::optional(count);
}

}  // namespace

void Stamps::add(Time at, std::uint64_t count) {
  if (count == 0) return;
  count_ += count;
  auto after = std::ranges::upper_bound(entries_, at, {}, &Entry::first);
  if (after != entries_.begin() && std::prev(after)->first == at) {
    std::prev(after)->second += count;
    return;
  }
  entries_.emplace(after, at, count);
  if (entries_.size() > kMostStamps) merge();
}

void Stamps::merge() {
  std::deque<Entry> merged;
  for (const Entry& entry : entries_) {
    auto step = [this](Time time) { return time.time_since_epoch() / step_; };
    if (!merged.empty() && step(merged.back().first) == step(entry.first)) {
      merged.back() = {entry.first, merged.back().second + entry.second};
    } else {
      merged.push_back(entry);
    }
  }
  entries_ = std::move(merged);
}

void Stamps::forget_before(Time time) {
  while (!entries_.empty() && entries_.front().first < time) {
    count_ -= entries_.front().second;
    entries_.pop_front();
  }
}

void Stamps::clamp(Time latest) {
  std::uint64_t clamped = 0;
  while (!entries_.empty() && entries_.back().first > latest) {
    clamped += entries_.back().second;
    count_ -= entries_.back().second;
    entries_.pop_back();
  }
  add(latest, clamped);
}

std::uint64_t Stamps::count_from(Time time) const {
  std::uint64_t count = 0;
  for (auto entry = entries_.rbegin(); entry != entries_.rend() && entry->first >= time; ++entry)
    count += entry->second;
  return count;
}

LimitWindow::LimitWindow(Limit limit) : limit_(std::move(limit)), done_(sliding_length(limit_.per) / 64) {}

void LimitWindow::enter(Time now) {
  const calendar::Span span = span_of(limit_, now);
  start_ = span.begin;
  next_ = span.end;
}

void LimitWindow::advance(Time now, const Arrivals& arrivals) {
  if (limit_.sliding) {
    done_.clamp(now + kLate);  // the clock has been ahead: what ended, has ended by now
    done_.forget_before(now - sliding_length(limit_.per));
    return;
  }
  if (start_ == next_) {
    enter(now);
    used_ = arrivals.from(start_);
  } else if (now >= next_) {
    const Time left = next_;
    const std::uint64_t used_there = used_;
    enter(now);
    used_ = arrivals.from(start_);
    before_ = start_ == left ? used_there : used_;
  } else if (now < start_ - (next_ - start_)) {
    // Put back by more than a window: taken as the truth, or the wait for `next_` could last for years.
    used_ += before_;
    before_ = 0;
    enter(now);
  }
}

void LimitWindow::ended(Time gone, std::uint64_t count) {
  if (limit_.sliding) done_.add(gone, count);
}

void LimitWindow::unsent() {
  if (used_ > 0) --used_;
}

std::uint64_t LimitWindow::used(Time now, const Arrivals& arrivals) const {
  if (limit_.sliding) return done_.count() + arrivals.in_flight;
  // A clock that went back a little has not left the window before: both must hold.
  return now < start_ ? used_ + before_ : used_;
}

Time LimitWindow::room_at(Time now, const Arrivals& arrivals) const {
  if (!limit_.sliding) return now < start_ && used_ < limit_.requests ? start_ : next_;
  std::uint64_t left = used(now, arrivals);
  for (const auto& [ended, count] : done_.entries()) {
    left -= count;
    if (left < limit_.requests) return ended + sliding_length(limit_.per) + Millis(1);
  }
  return now + sliding_length(limit_.per);  // those in flight have not even ended
}

Time LimitWindow::resets_at(Time now) const {
  if (!limit_.sliding) return next_;
  const Time first = done_.entries().empty() ? now : done_.entries().front().first;
  return first + sliding_length(limit_.per) + Millis(1);
}

json::object LimitWindow::save() const {
  if (limit_.sliding) return {{"done", as_json(done_)}};
  return {{"start", number_of(start_)}, {"used", used_}, {"before", before_}};
}

bool LimitWindow::restore(const json::value& saved) {
  if (!saved.is_object()) return false;
  const json::object& object = saved.get_object();
  if (limit_.sliding) {
    const json::value* done = object.if_contains("done");
    return done != nullptr && from_json(*done, done_);
  }
  const json::value* start = object.if_contains("start");
  const json::value* used = object.if_contains("used");
  const json::value* before = object.if_contains("before");
  if (start == nullptr || used == nullptr || before == nullptr) return false;
  auto began = time_from(*start);
  auto counted = count_from_json(*used);
  auto counted_before = count_from_json(*before);
  if (!began || !counted || !counted_before) return false;
  enter(*began);
  used_ = *counted;
  before_ = *counted_before;
  return true;
}

json::array as_json(const Stamps& stamps) {
  json::array out;
  for (const auto& [time, count] : stamps.entries()) out.push_back(json::array{number_of(time), count});
  return out;
}

bool from_json(const json::value& saved, Stamps& out) {
  if (!saved.is_array()) return false;
  for (const json::value& entry : saved.get_array()) {
    if (!entry.is_array() || entry.get_array().size() != 2) return false;
    auto time = time_from(entry.get_array()[0]);
    auto count = count_from_json(entry.get_array()[1]);
    if (!time || !count) return false;
    out.add(*time, *count);
  }
  return true;
}

std::optional<Time> time_from(const json::value& saved) {
  constexpr std::int64_t kYear9999 = 253'370'764'800'000;
  boost::system::error_code error;
  auto number = saved.to_number<std::int64_t>(error);
  if (error || number < 0 || number > kYear9999) return std::nullopt;
  return Time(Millis(number));
}

std::string limit_text(const Limit& limit) {
  std::string text = fmt::format("{}/{}", limit.requests, per_text(limit.per));
  if (limit.sliding) return text + " sliding";
  return limit.zone == "UTC" ? text : text + " in " + limit.zone;
}

Millis sliding_length(Limit::Per per) {
  using namespace std::chrono;
  constexpr std::array<Millis, 5> kLengths{seconds(1), minutes(1), hours(1), days(1), days(31)};
  return kLengths.at(static_cast<std::size_t>(per));
}

}  // namespace pollux::fetch
