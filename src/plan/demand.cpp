// SPDX-License-Identifier: Apache-2.0
#include "plan/demand.hpp"

#include <algorithm>

#include "poll/fetch/token_answer.hpp"
#include "poll/fetch/validators.hpp"

namespace pollux::plan {

namespace {

// Steps of this upstream that are asked twice at the worst: where one has changed, those that have not are
// asked for as a whole (Fetcher::fetch). That one has is only certain to cost this upstream nothing further
// where no other upstream is asked.
std::uint64_t asked_again(const config::Poll& poll, std::uint64_t here) {
  if (here == 0 || !fetch::may_ask_conditionally(poll)) return 0;
  return here == poll.steps.size() ? here - 1 : here;
}

}  // namespace

bool repeatable(const config::Step& step) { return step.method != config::Method::kPost || step.safe; }

RunDemand demand_of(const config::Poll& poll, const config::Upstream& upstream, const Assumptions& assumed) {
  const std::uint64_t resends = tokens_of(upstream, assumed).resends;
  RunDemand out;
  for (const config::Step& step : poll.steps) {
    if (step.upstream != upstream.name) continue;
    const std::uint64_t most = step.pages ? std::max<std::uint64_t>(1, step.pages->max_pages) : 1;
    const std::uint64_t attempts = repeatable(step) ? std::max<std::uint64_t>(1, upstream.retry.attempts) : 1;
    out.usual += step.pages ? std::clamp<std::uint64_t>(assumed.pages, 1, most) : 1;
    // A request that is refused and sent again with other credentials is no failed attempt.
    out.worst += most * (attempts + resends);
    out.sends += most;
    out.steps += 1;
    out.paged = out.paged || step.pages.has_value();
  }
  // Such steps are all alike: one page each, and repeatable.
  const std::uint64_t again = asked_again(poll, out.steps);
  if (again > 0) out.worst += again * (out.worst / out.steps);
  out.sends += again;
  out.steps += again;
  return out;
}

TokenDemand tokens_of(const config::Upstream& upstream, const Assumptions& assumed) {
  constexpr Millis kRenewAgainAfter = std::chrono::seconds(10);
  TokenDemand out;
  out.attempts = std::max<std::uint64_t>(1, upstream.retry.attempts);
  out.renewed_after = fetch::renew_after(assumed.token_life);
  const Millis margin = assumed.token_life - out.renewed_after;
  out.asks_a_life =
      1 + static_cast<std::uint64_t>((margin + kRenewAgainAfter - Millis(1)) / kRenewAgainAfter);
  if (std::holds_alternative<config::OAuth2Auth>(upstream.auth)) {
    out.kept = 1;
    out.resends = 1;
  }
  if (const auto* google = std::get_if<config::GoogleAuth>(&upstream.auth)) {
    const std::uint64_t accounts = std::max<std::uint64_t>(1, google->accounts.size());
    // A self-signed assertion is its own token: nobody is asked for it.
    out.kept = google->audience.empty() ? accounts : 0;
    out.resends = accounts;
  }
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
