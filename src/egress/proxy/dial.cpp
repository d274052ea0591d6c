// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/dial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <span>
#include <utility>

namespace pollux::egress {
namespace {

using asio::ip::tcp;
namespace beast = boost::beast;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

tcp::endpoint endpoint_of(const IpAddress& address, std::uint16_t port) {
  const auto bytes = address.bytes();
  if (address.is_v4()) {
    asio::ip::address_v4::bytes_type v4{};
    std::ranges::copy(bytes, v4.begin());
    return {asio::ip::address_v4(v4), port};
  }
  asio::ip::address_v6::bytes_type v6{};
  std::ranges::copy(bytes, v6.begin());
  return {asio::ip::address_v6(v6), port};
}

// The first that answers; of many that do not, how the last one failed.
Task<> connect(Dialed& dialed, const std::vector<IpAddress>& usable, const Target& target, Millis limit) {
  auto executor = co_await asio::this_coro::executor;
  for (const IpAddress& address : usable) {
    beast::tcp_stream stream(executor);
    stream.expires_after(limit);
    auto [error] = co_await stream.async_connect(endpoint_of(address, target.port), kTuple);
    if (!error) {
      stream.expires_never();
      boost::system::error_code ignored;
      stream.socket().set_option(tcp::no_delay(true), ignored);
      dialed.decision.address = address;
      dialed.error.reset();
      dialed.stream.emplace(std::move(stream));
      co_return;
    }
    const bool late = error == beast::error::timeout;
    dialed.error = Error{late ? ErrorKind::kTimeout : ErrorKind::kNetwork,
                         fmt::format("{} could not be reached: {}", target.authority(), error.message()),
                         Retry::later(),
                         {}};
  }
}

}  // namespace

void log_decision(log::Logger& logger, const Decision& decision, const Asked& asked,
                  const std::string& host) {
  log::Fields fields{{"client", decision.client},
                     {"decision", std::string(name(decision.verdict))},
                     {"reason", std::string(name(decision.reason))},
                     {"method", asked.what},
                     {"target", host},
                     {"from", asked.from}};
  if (!decision.rule.empty()) fields.emplace_back("rule", decision.rule);
  if (!decision.place.empty()) fields.emplace_back("rule_at", decision.place);
  if (decision.address) fields.emplace_back("address", decision.address->text());
  if (decision.is) fields.emplace_back("address_is", std::string(name(*decision.is)));
  const log::Level level = decision.verdict == Verdict::kAllow ? log::Level::kInfo : log::Level::kWarning;
  logger.write({level, "egress",
                fmt::format("{} {} {} for {}", name(decision.verdict), asked.what, host, decision.client),
                std::move(fields)});
}

Task<Dialed> dial(Resolver& resolver, const ProxyOptions& options, const Client& client, const Target& target,
                  log::Logger& logger, const Asked& asked) {
  Dialed dialed;
  dialed.decision = judge_target(client, target);
  std::vector<IpAddress> usable;
  if (dialed.decision.passes() && target.address) usable.push_back(*target.address);
  if (dialed.decision.passes() && !target.address) {
    auto addresses = co_await resolver.resolve(target.host, options.resolve_timeout);
    if (addresses) {
      Resolved resolved = judge_addresses(client, target, *addresses, dialed.decision);
      dialed.decision = std::move(resolved.decision);
      usable = std::move(resolved.usable);
    } else {
      dialed.error = addresses.error();
    }
  }
  log_decision(logger, dialed.decision, asked, target.authority());
  if (dialed.decision.passes() && !dialed.error)
    co_await connect(dialed, usable, target, options.connect_timeout);
  co_return dialed;
}

}  // namespace pollux::egress
