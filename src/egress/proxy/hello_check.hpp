#pragma once
// SPDX-License-Identifier: Apache-2.0
// Waits for the ClientHello that a tunnel begins with and judges it, before any byte of it goes to the other
// side. io thread; the tunnel's frame awaits it.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <optional>
#include <string_view>

#include "egress/policy/server_name.hpp"
#include "egress/proxy/hello_reader.hpp"
#include "log/logger.hpp"
#include "net/deadline.hpp"
#include "net/task.hpp"

namespace pollux::egress {

struct HelloCheck {
  const Client& client;
  const Target& target;
  const Decision& decision;  // that the tunnel stands on
  Millis limit;              // for the whole hello
  log::Logger& logger;
};

/// Whether the tunnel may go on; logs the decision where there is something against it.
bool judge_tunnel(const HelloCheck& check, const std::optional<SeenHello>& seen);

/// What the client is told: a TLS alert, in the clear; empty where it would not understand.
std::string_view alert_for(const std::optional<SeenHello>& seen);

/// Reads until it knows; false: the stream has ended before.
template <class Stream>
Task<Result<bool>> hear_hello(Stream& stream, boost::beast::flat_buffer& buffer,
                              std::optional<SeenHello>& seen) {
  HelloReader reader;
  for (std::size_t taken = 0;;) {
    const auto data = buffer.data();
    const std::string_view come(static_cast<const char*>(data.data()), data.size());
    seen = reader.take(come.substr(taken));
    if (seen) co_return true;
    taken = come.size();
    auto space = buffer.prepare(4096);
    auto [error, count] = co_await stream.async_read_some(space, asio::as_tuple(asio::use_awaitable));
    buffer.commit(count);
    if (error) co_return false;
  }
}

/// Whether the tunnel may go on. What was read is in `buffer` behind what was there before, all of it still
/// to be sent on. Where it may not, an alert may have been sent, and the stream is to be closed.
template <class Stream>
Task<bool> hello_passes(Stream& stream, boost::beast::flat_buffer& buffer, const HelloCheck& check) {
  if (!checks_hello(check.client, check.target)) co_return true;
  // Ended from outside: the stream's own timeout would close it, and in report mode it is to go on.
  boost::beast::get_lowest_layer(stream).expires_never();
  std::optional<SeenHello> seen;
  Task<Result<bool>> hearing = hear_hello(stream, buffer, seen);
  const Result<bool> heard = co_await net::with_deadline(std::move(hearing), check.limit, "a ClientHello");
  if (!heard && heard.error().kind == ErrorKind::kCanceled) co_return false;
  // Who opens a tunnel and leaves it has asked for nobody: there is nothing to tell.
  const bool left = heard && !*heard && buffer.size() == 0;
  if (left) co_return check.client.mode == Mode::kReport;
  const bool passes = judge_tunnel(check, seen);
  const std::string_view alert = alert_for(seen);
  if (passes || alert.empty()) co_return passes;
  boost::beast::get_lowest_layer(stream).expires_after(check.limit);
  co_await asio::async_write(stream, asio::buffer(alert), asio::as_tuple(asio::use_awaitable));
  co_return false;
}

}  // namespace pollux::egress
