#pragma once
// SPDX-License-Identifier: Apache-2.0
// What all polls together ask of one upstream, by window. Polls with the same schedule count as one, so that
// thousands cost no more than their different slots. Pure.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "plan/plan.hpp"
#include "plan/slots.hpp"
#include "plan/timeline.hpp"

namespace pollux::plan {

class UpstreamUse {
 public:
  UpstreamUse(const config::Upstream& upstream, Time now, const Assumptions& assumed);

  void add(const config::Poll& poll);
  /// After the last poll.
  void finish();

  std::size_t polls() const { return polls_.size(); }
  bool paged() const { return paged_; }
  bool tokens() const { return tokens_.kept > 0; }

  Use use(const config::Limit& limit) const;
  /// On its busiest day, the most first.
  std::vector<PollUse> most(std::size_t count) const;

 private:
  struct Group {  // of polls that are due at the same moments
    calendar::ScheduleRule rule;
    Slots slots;
    std::uint64_t usual = 0;                // requests of one run of each
    std::map<Millis, std::uint64_t> worst;  // the same, with tokens, by jitter
  };
  static std::string key_of(const calendar::ScheduleRule& rule);
  using Offsets = std::vector<std::pair<Millis, std::uint64_t>>;  // within a period, and what is asked there
  static std::uint64_t most_of(Millis period, const Offsets& offsets, Millis length);
  std::uint64_t worst_in(Millis length) const;
  std::uint64_t usual_in_month(const config::Limit& limit) const;
  std::vector<Time> far_days() const;
  bool repeats_daily() const;

  const config::Upstream& upstream_;
  Time now_;
  Assumptions assumed_;
  TokenDemand tokens_;
  bool paged_ = false;
  std::map<std::string, Group> groups_;
  struct Asking {
    const config::Poll* poll;
    const Group* group;
    std::uint64_t usual;
  };
  std::vector<Asking> polls_;
  std::vector<Timeline> timelines_;
};

}  // namespace pollux::plan
