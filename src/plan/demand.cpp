// SPDX-License-Identifier: Apache-2.0
#include "plan/demand.hpp"

#include <algorithm>

#include "poll/fetch/token_source.hpp"

namespace pollux::plan {

bool repeatable(const config::Step& step) { return step.method != config::Method::kPost || step.safe; }

RunDemand demand_of(const config::Poll& poll, const config::Upstream& upstream, const Assumptions& assumed) {
  const bool renews = tokens_of(upstream, assumed).kept > 0;
  RunDemand out;
  for (const config::Step& step : poll.steps) {
    if (step.upstream != upstream.name) continue;
    const std::uint64_t most = step.pages ? std::max<std::uint64_t>(1, step.pages->max_pages) : 1;
    const std::uint64_t attempts = repeatable(step) ? std::max<std::uint64_t>(1, upstream.retry.attempts) : 1;
    out.usual += step.pages ? std::clamp<std::uint64_t>(assumed.pages, 1, most) : 1;
    // A 401 has the token renewed once for each request, and is no failed attempt.
    out.worst += most * (attempts + (renews ? 1 : 0));
    out.sends += most;
    out.steps += 1;
    out.paged = out.paged || step.pages.has_value();
  }
  return out;
}

TokenDemand tokens_of(const config::Upstream& upstream, const Assumptions& assumed) {
  TokenDemand out{0, std::max<std::uint64_t>(1, upstream.retry.attempts),
                  fetch::renew_after(assumed.token_life)};
  if (std::holds_alternative<config::OAuth2Auth>(upstream.auth)) out.kept = 1;
  // A self-signed assertion is its own token: nobody is asked for it.
  const auto* google = std::get_if<config::GoogleAuth>(&upstream.auth);
  if (google != nullptr && google->audience.empty())
    out.kept = std::max<std::uint64_t>(1, google->accounts.size());
  return out;
}

std::vector<std::string> upstreams_of(const config::Poll& poll) {
  std::vector<std::string> out;
  for (const config::Step& step : poll.steps) {
    if (std::ranges::find(out, step.upstream) == out.end()) out.push_back(step.upstream);
  }
  return out;
}

}  // namespace pollux::plan
