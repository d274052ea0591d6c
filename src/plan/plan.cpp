// SPDX-License-Identifier: Apache-2.0
#include "plan/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "plan/advice.hpp"
#include "plan/upstream_use.hpp"
#include "poll/fetch/pace/limit_window.hpp"

namespace pollux::plan {
namespace {

using Per = config::Limit::Per;

constexpr std::size_t kNamed = 5;

Verdict verdict_of(const Use& use, const config::Limit& limit) {
  if (use.usual > limit.requests) return Verdict::kOver;
  return use.worst > limit.requests ? Verdict::kTight : Verdict::kFits;
}

UpstreamPlan plan_of(const config::Upstream& upstream, const UpstreamUse& asked) {
  auto in = [&](Per per) { return asked.use({0, per, false, "UTC"}); };
  UpstreamPlan out;
  out.name = upstream.name;
  out.polls = asked.polls();
  out.day = in(Per::kDay);
  out.hour = in(Per::kHour);
  out.minute = in(Per::kMinute);
  out.paged = asked.paged();
  out.tokens = asked.tokens();
  for (const config::Limit& limit : upstream.limits) {
    const Use use = asked.use(limit);
    out.limits.push_back({limit, use, verdict_of(use, limit)});
    out.verdict = std::max(out.verdict, out.limits.back().verdict);
  }
  if (out.verdict == Verdict::kOver) out.most = asked.most(kNamed);
  return out;
}

}  // namespace

Plan make_plan(const config::File& file, Time now, const Assumptions& assumed) {
  std::map<std::string, std::vector<const config::Poll*>> polls;
  for (const auto& [name, poll] : file.polls) {
    for (const std::string& upstream : upstreams_of(poll)) polls[upstream].push_back(&poll);
  }
  Plan plan;
  plan.assumed = assumed;
  for (const auto& [name, asking] : polls) {
    const config::Upstream& upstream = file.upstreams.at(name);
    UpstreamUse asked(upstream, now, assumed);
    for (const config::Poll* poll : asking) asked.add(*poll);
    asked.finish();
    UpstreamPlan one = plan_of(upstream, asked);
    one.advice = advise(one, file);
    plan.verdict = std::max(plan.verdict, one.verdict);
    plan.upstreams.push_back(std::move(one));
  }
  return plan;
}

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kFits:
      return "fits";
    case Verdict::kTight:
      return "tight";
    case Verdict::kOver:
      break;
  }
  return "over";
}

std::vector<std::string> broken_limits(const Plan& plan) {
  std::vector<std::string> out;
  for (const UpstreamPlan& upstream : plan.upstreams) {
    std::string limits;
    for (const LimitUse& limit : upstream.limits) {
      if (limit.verdict != Verdict::kOver) continue;
      limits += fmt::format("{}{} requests against {}", limits.empty() ? "" : ", ", limit.use.usual,
                            fetch::limit_text(limit.limit));
    }
    if (limits.empty()) continue;
    out.push_back(
        fmt::format("{}: the file asks for more than its limits allow: {}; runs will wait or be skipped; "
                    "`pollux plan` tells what to change",
                    upstream.name, limits));
  }
  return out;
}

}  // namespace pollux::plan
