// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/dial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <span>
#include <utility>
#include <variant>

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

// RFC 8305, 5: how long one address may be silent before the next is tried beside it.
constexpr Millis kHeadStart{250};

// Of a name with hundreds: who does not answer at eight does not answer.
constexpr std::size_t kMostAddresses = 8;

// RFC 8305, 4: the families by turns, in the resolver's order (RFC 6724): one that leads nowhere costs
// little.
std::vector<IpAddress> by_turns(const std::vector<IpAddress>& addresses) {
  std::vector<IpAddress> first;
  std::vector<IpAddress> second;
  for (const IpAddress& address : addresses)
    (address.is_v4() == addresses.front().is_v4() ? first : second).push_back(address);
  std::vector<IpAddress> out;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) out.push_back(first[i]);
    if (i < second.size()) out.push_back(second[i]);
  }
  return out;
}

struct Connected {
  beast::tcp_stream stream;
  IpAddress address;
};

// Fails with a system_error, so that two of them can race for the first success.
Task<Connected> connect_one(IpAddress address, std::uint16_t port, Millis limit,
                            asio::steady_timer* next_may_go) {
  beast::tcp_stream stream(co_await asio::this_coro::executor);
  stream.expires_after(limit);
  auto [error] = co_await stream.async_connect(endpoint_of(address, port), kTuple);
  if (error) {
    if (next_may_go != nullptr) next_may_go->cancel();
    throw boost::system::system_error(error);
  }
  stream.expires_never();
  boost::system::error_code ignored;
  stream.socket().set_option(tcp::no_delay(true), ignored);
  co_return Connected{std::move(stream), address};
}

Task<Connected> connect_first(std::span<const IpAddress> addresses, std::uint16_t port, Millis limit);

Task<Connected> connect_rest(std::span<const IpAddress> addresses, std::uint16_t port, Millis limit,
                             asio::steady_timer& head_start) {
  co_await head_start.async_wait(kTuple);
  co_return co_await connect_first(addresses, port, limit);
}

// The first that answers, each a little after the one before it; of many that do not, how the first failed.
Task<Connected> connect_first(std::span<const IpAddress> addresses, std::uint16_t port, Millis limit) {
  using namespace asio::experimental::awaitable_operators;
  if (addresses.size() == 1) co_return co_await connect_one(addresses.front(), port, limit, nullptr);
  asio::steady_timer head_start(co_await asio::this_coro::executor, kHeadStart);
  try {
    auto either = co_await (connect_one(addresses.front(), port, limit, &head_start) ||
                            connect_rest(addresses.subspan(1), port, limit, head_start));
    co_return std::visit([](auto& connected) { return std::move(connected); }, either);
  } catch (const asio::multiple_exceptions& both) {
    std::rethrow_exception(both.first_exception());
  }
}

// Says the decision at its end, when the address is known.
class Said {
 public:
  Said(AccessLog& log, const Decision& decision, const Asked& asked, const Target& target)
      : log_(log), decision_(decision), asked_(asked), target_(target) {}
  ~Said() { log_.decided(decision_, asked_, target_.authority()); }
  Said(const Said&) = delete;
  Said& operator=(const Said&) = delete;

 private:
  AccessLog& log_;
  const Decision& decision_;
  const Asked& asked_;
  const Target& target_;
};

Task<> connect(Dialed& dialed, const std::vector<IpAddress>& usable, const Target& target, Millis limit) {
  const std::vector<IpAddress> all = by_turns(usable);
  const std::span addresses = std::span(all).first(std::min(all.size(), kMostAddresses));
  boost::system::error_code error;
  try {
    Connected connected = co_await connect_first(addresses, target.port, limit);
    dialed.decision.address = connected.address;
    dialed.stream.emplace(std::move(connected.stream));
    co_return;
  } catch (const boost::system::system_error& fault) {
    error = fault.code();
  }
  if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none)
    throw boost::system::system_error(asio::error::operation_aborted);
  const bool late = error == beast::error::timeout;
  const std::string where =
      addresses.size() > 1 ? fmt::format(" at any of {} addresses", addresses.size()) : "";
  dialed.error =
      Error{late ? ErrorKind::kTimeout : ErrorKind::kNetwork,
            fmt::format("{} could not be reached{}: {}", target.authority(), where, error.message()),
            Retry::later(),
            {}};
}

// What has changed since in the lists holds for it, too.
bool take(KeptServer& kept, const Client& client, const Target& target, Dialed& dialed) {
  if (!kept.serves(client.name, target)) return false;
  if (!target.address) {
    Resolved resolved = judge_addresses(client, target, std::span(&kept.address, 1), dialed.decision);
    if (resolved.usable.empty()) return false;
    dialed.decision = std::move(resolved.decision);
  }
  dialed.decision.address = kept.address;
  dialed.stream.emplace(std::move(kept.stream));
  return true;
}

}  // namespace

Task<Dialed> dial(Resolver& resolver, const ProxyOptions& options, const Client& client, const Target& target,
                  AccessLog& log, const Asked& asked, KeptServer* kept) {
  Dialed dialed;
  dialed.decision = judge_target(client, target);
  if (kept != nullptr && dialed.decision.passes() && take(*kept, client, target, dialed)) {
    log.decided(dialed.decision, asked, target.authority());
    co_return dialed;
  }
  std::vector<IpAddress> usable;
  if (dialed.decision.passes() && target.address) usable.push_back(*target.address);
  if (dialed.decision.passes() && !target.address) {
    auto addresses = co_await resolver.resolve(client.name, target.host, options.resolve_timeout);
    if (addresses) {
      Resolved resolved = judge_addresses(client, target, *addresses, dialed.decision);
      dialed.decision = std::move(resolved.decision);
      usable = std::move(resolved.usable);
    } else {
      dialed.error = addresses.error();
    }
  }
  // Canceled, it was judged all the same.
  {
    const Said said(log, dialed.decision, asked, target);
    // To be stopped is no fault of the target.
    if (dialed.error && dialed.error->kind == ErrorKind::kCanceled)
      throw boost::system::system_error(asio::error::operation_aborted);
    if (dialed.decision.passes() && !dialed.error)
      co_await connect(dialed, usable, target, options.connect_timeout);
  }
  if (dialed.error) log.unreached(client.name, target.authority(), *dialed.error);
  co_return dialed;
}

}  // namespace pollux::egress
