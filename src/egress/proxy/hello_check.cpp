// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/hello_check.hpp"

#include "egress/proxy/dial.hpp"

namespace pollux::egress {

bool judge_tunnel(const HelloCheck& check, const std::optional<SeenHello>& seen) {
  const SeenHello hello = seen.value_or(std::unexpected(SniFault::kNoHello));
  const auto against = judge_hello(check.client, check.target, hello, check.decision);
  if (!against) return true;
  log_decision(check.logger, *against, "CONNECT", check.target.authority());
  return against->passes();
}

std::string_view alert_for(const std::optional<SeenHello>& seen) {
  if (!seen || !*seen) return {};
  // A record of TLS 1.2's number, as alerts before the versions are settled have; fatal; unrecognized_name
  // (RFC 6066, 3).
  static constexpr std::string_view kUnrecognizedName("\x15\x03\x03\x00\x02\x02\x70", 7);
  return kUnrecognizedName;
}

}  // namespace pollux::egress
