// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/access_log.hpp"

#include <fmt/format.h>

#include <utility>

namespace pollux::egress {

std::string fit_for_log(std::string_view target) {
  constexpr std::size_t kLongest = 300;
  constexpr auto kNone = std::string_view::npos;
  // Where host and port end. What stands behind may hold a key, whatever else is wrong with the target.
  auto end = target.find_first_of("/?#");
  if (end != kNone && end > 0 && target.substr(end - 1).starts_with("://"))
    end = target.find_first_of("/?#", end + 2);
  std::size_t at = target.rfind('@');
  // A password with a slash in it, or an address in a query: nobody can tell.
  if (at != kNone && at > end) return "***";
  target = target.substr(0, end == kNone ? end : end + 1);
  std::string out = at == kNone ? "" : "***";
  if (at != kNone) target.remove_prefix(at);
  const bool cut = target.size() > kLongest;
  for (const char c : target.substr(0, kLongest)) out += c > ' ' && c <= '~' ? c : '?';
  return cut ? out + "..." : out;
}

void AccessLog::decided(const Decision& decision, const Asked& asked, const std::string& host) {
  metrics_.decided(decision);
  const log::Level level = decision.verdict == Verdict::kAllow ? log::Level::kInfo : log::Level::kWarning;
  log::Fields fields{{"client", decision.client},
                     {"decision", std::string(name(decision.verdict))},
                     {"reason", std::string(name(decision.reason))},
                     {"method", asked.method},
                     {"target", host},
                     {"from", asked.from}};
  if (!decision.rule.empty()) fields.emplace_back("rule", decision.rule);
  if (!decision.place.empty()) fields.emplace_back("rule_at", decision.place);
  if (decision.address) fields.emplace_back("address", decision.address->text());
  if (decision.is) fields.emplace_back("address_is", std::string(name(*decision.is)));
  if (decision.sni) fields.emplace_back("sni", std::string(name(*decision.sni)));
  if (!decision.server_name.empty()) fields.emplace_back("server_name", decision.server_name);
  logger_.write({level, "egress",
                 fmt::format("{} {} {} for {}", name(decision.verdict), asked.method, host, decision.client),
                 std::move(fields)});
}

void AccessLog::unreached(const std::string& client, const std::string& host, const Error& error) {
  if (error.kind == ErrorKind::kBusy) {
    metrics_.refused(503);
    logger_.warning("egress_full", error.message, {{"client", client}, {"target", host}});
    return;
  }
  metrics_.unreached(client, std::string(kind_name(error.kind)));
  logger_.warning("egress_unreached", error.message, {{"client", client}, {"target", host}});
}

void AccessLog::refused(int status, const std::string& reason, const std::string& from) {
  metrics_.refused(status);
  logger_.warning("egress_refused", "a request was refused: " + reason,
                  {{"status", static_cast<std::int64_t>(status)}, {"reason", reason}, {"from", from}});
}

void AccessLog::unknown(bool shown, const std::string& from) {
  metrics_.refused(407);
  if (shown) {
    logger_.warning("egress_credentials", "a client's user or password is wrong", {{"from", from}});
  } else {
    logger_.debug("egress_credentials", "a client has shown no credentials", {{"from", from}});
  }
}

void AccessLog::full(const std::string& client, std::size_t connections) {
  metrics_.refused(503);
  logger_.warning("egress_full", fmt::format("{} has {} connections already", client, connections),
                  {{"client", client}});
}

void AccessLog::left(const std::string& client, const std::string& host, const std::string& from) {
  logger_.debug("egress_left", fmt::format("{} left before the answer of {} had ended", client, host),
                {{"client", client}, {"target", host}, {"from", from}});
}

void AccessLog::no_tls(const std::string& from, const std::string& reason) {
  logger_.warning("egress_tls", fmt::format("no TLS with {}: {}", from, reason),
                  {{"from", from}, {"reason", reason}});
}

void AccessLog::no_proxy_header(const std::string& from, const std::string& reason) {
  logger_.warning("egress_proxy_protocol", fmt::format("{} did not say for whom it speaks: {}", from, reason),
                  {{"from", from}, {"reason", reason}});
}

void AccessLog::tunnel_ended(const std::string& client, const std::string& host, const Relayed& relayed,
                             Millis took) {
  metrics_.tunnel_ended(client, relayed);
  const std::string end(name(relayed.end));
  logger_.debug("tunnel", fmt::format("{} for {}: {} after {}", host, client, end, describe_duration(took)),
                {{"client", client},
                 {"target", host},
                 {"end", end},
                 {"bytes_up", static_cast<std::int64_t>(relayed.up)},
                 {"bytes_down", static_cast<std::int64_t>(relayed.down)},
                 {"took_ms", static_cast<std::int64_t>(took.count())}});
}

}  // namespace pollux::egress
