#pragma once
// SPDX-License-Identifier: Apache-2.0
// A stretch of time in seconds and what is asked of an upstream in each, when every slot runs and nothing
// goes wrong: what a plan's usual use is read from. Pure.

#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "calendar/schedule_rule.hpp"
#include "config/upstream.hpp"

namespace pollux::plan {

class Timeline {
 public:
  /// From the beginning of a UTC day on.
  Timeline(Time from, std::chrono::days length);

  Time from() const { return from_; }
  Time end() const { return from_ + std::chrono::seconds(in_second_.size()); }

  /// Every slot of the rule asks so many requests.
  void add(const calendar::ScheduleRule& rule, std::uint64_t requests);
  /// A token (or several at once) at the first request, and anew at the first one after each `renewed_after`.
  void add_tokens(std::uint64_t tokens, Millis renewed_after);

  /// After the last addition, before the first question.
  void close();

  /// The most in a window of the wall clock; months are too long for a timeline: 0.
  std::uint64_t busiest(config::Limit::Per per, const std::string& zone) const;
  /// The most in any stretch of this length.
  std::uint64_t busiest_any(Millis length) const;

 private:
  std::uint64_t busiest_hour() const;
  std::uint64_t busiest_day(const std::string& zone) const;

  Time from_;
  std::vector<std::uint64_t> in_second_;
  std::vector<std::uint64_t> in_minute_;
  bool whole_seconds_ = true;  // every slot stands on one
};

}  // namespace pollux::plan
