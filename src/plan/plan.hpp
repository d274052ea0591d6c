#pragma once
// SPDX-License-Identifier: Apache-2.0
// How much a file will ask of each upstream, usually and at the worst, against each limit: before the first
// request is sent. The worst is a bound: no run of the daemon passes it, as long as it is started
// once, no clock jumps, tokens live as long as assumed, and no redirect is followed (where there are limits,
// none is). Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "config/config.hpp"
#include "plan/demand.hpp"

namespace pollux::plan {

/// Requests, tokens counted, in the busiest window of some kind.
struct Use {
  std::uint64_t usual = 0;  // every slot runs, each request is answered at once
  std::uint64_t worst = 0;  // everything fails as long as it may, and runs drag on until the next slot
  bool operator==(const Use&) const = default;
};

enum class Verdict {
  kFits,   // also at the worst
  kTight,  // usually; at the worst, runs wait or are skipped
  kOver,   // not even usually
};

struct LimitUse {
  config::Limit limit;
  Use use;
  Verdict verdict = Verdict::kFits;
};

/// A poll, and what it usually asks of an upstream on its busiest day.
struct PollUse {
  std::string poll;
  std::uint64_t a_day = 0;
  std::uint64_t a_run = 0;  // in each run, without tokens
};

struct UpstreamPlan {
  std::string name;
  std::size_t polls = 0;
  Use day;  // the busiest of its kind, in UTC; the worst is of any stretch of that length
  Use hour;
  Use minute;
  std::vector<LimitUse> limits;  // in the order of the file
  Verdict verdict = Verdict::kFits;
  bool paged = false;               // a step has pages: see Assumptions
  bool tokens = false;              // tokens are asked for
  std::vector<PollUse> most;        // the five that ask most, where it is over
  std::vector<std::string> advice;  // what to do, where it is over
};

struct Plan {
  Assumptions assumed;
  std::vector<UpstreamPlan> upstreams;  // by name; those that a poll asks
  Verdict verdict = Verdict::kFits;
};

/// Of the daemon from `now` on.
Plan make_plan(const config::File& file, Time now, const Assumptions& assumed = {});

std::string_view verdict_name(Verdict verdict);  // "fits", "tight", "over"

/// A sentence for each limit that the usual use breaks, for the daemon's log.
std::vector<std::string> broken_limits(const Plan& plan);

}  // namespace pollux::plan
