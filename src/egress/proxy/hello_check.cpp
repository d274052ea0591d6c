// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/hello_check.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <string_view>

#include "egress/proxy/hello_reader.hpp"

namespace pollux::egress {
namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

// A record of TLS 1.2's number, as alerts before the versions are settled have; fatal; unrecognized_name
// (RFC 6066, 3).
constexpr std::string_view kUnrecognizedName("\x15\x03\x03\x00\x02\x02\x70", 7);

enum class Heard { kHello, kLate, kLeft };

Task<Heard> hear_hello(ClientStream& stream, boost::beast::flat_buffer& buffer,
                       std::optional<SeenHello>& seen) {
  HelloReader reader;
  for (std::size_t taken = 0;;) {
    const auto data = buffer.data();
    const std::string_view come(static_cast<const char*>(data.data()), data.size());
    seen = reader.take(come.substr(taken));
    if (seen) co_return Heard::kHello;
    taken = come.size();
    auto space = buffer.prepare(std::min<std::size_t>(4096, buffer.max_size() - buffer.size()));
    auto [error, count] = co_await stream.async_read_some(space, kTuple);
    buffer.commit(count);
    if (error) co_return error == boost::beast::error::timeout ? Heard::kLate : Heard::kLeft;
  }
}

}  // namespace

Task<bool> hello_passes(ClientStream& stream, boost::beast::flat_buffer& buffer, const HelloCheck& check) {
  if (!checks_hello(check.client, check.target)) co_return true;
  stream.expires_after(check.limit);
  std::optional<SeenHello> seen;
  const Heard heard = co_await hear_hello(stream, buffer, seen);
  // Who opens a tunnel and leaves it has asked for nobody: there is nothing to tell.
  if (heard == Heard::kLeft && buffer.size() == 0) co_return check.client.mode == Mode::kReport;
  const SeenHello hello = seen.value_or(std::unexpected(SniFault::kNoHello));
  const auto against = judge_hello(check.client, check.target, hello, check.decision);
  if (!against) co_return true;
  check.log.decided(*against, check.asked, check.target.authority());
  if (against->passes()) co_return true;
  if (!hello) co_return false;  // it would not understand
  stream.expires_after(check.limit);
  co_await asio::async_write(stream, asio::buffer(kUnrecognizedName), kTuple);
  co_return false;
}

}  // namespace pollux::egress
