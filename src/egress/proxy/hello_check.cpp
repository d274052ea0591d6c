// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/hello_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <optional>
#include <string_view>

#include "egress/proxy/hello_reader.hpp"
#include "egress/proxy/server_hello_reader.hpp"
#include "egress/tunnel/buffers.hpp"

namespace pollux::egress {
namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

// A record of TLS 1.2's number, as alerts before the versions are settled have; fatal; unrecognized_name
// (RFC 6066, 3).
constexpr std::string_view kUnrecognizedName("\x15\x03\x03\x00\x02\x02\x70", 7);

namespace beast = boost::beast;
using Says = ServerHelloReader::Says;

enum class Heard { kHello, kLate, kLeft };
enum class Found { kGood, kLetPass, kCut };

Task<Heard> hear_hello(ClientStream& client, beast::flat_buffer& buffer, HelloReader& reader,
                       std::optional<SeenHello>& seen) {
  for (std::size_t taken = 0;;) {
    const auto data = buffer.data();
    const std::string_view come(static_cast<const char*>(data.data()), data.size());
    seen = reader.take(come.substr(taken));
    if (!seen && come.size() == buffer.max_size()) seen = std::unexpected(SniFault::kTooLong);
    if (seen) co_return Heard::kHello;
    taken = come.size();
    auto space = buffer.prepare(std::min<std::size_t>(4096, buffer.max_size() - buffer.size()));
    auto [error, count] = co_await client.async_read_some(space, kTuple);
    buffer.commit(count);
    if (error) co_return error == beast::error::timeout ? Heard::kLate : Heard::kLeft;
  }
}

Task<Found> judge_next(ClientStream& client, beast::flat_buffer& buffer, HelloReader& reader,
                       const HelloCheck& check) {
  client.expires_after(check.limit);
  std::optional<SeenHello> seen;
  const Heard heard = co_await hear_hello(client, buffer, reader, seen);
  // Who leaves instead has asked for nobody: there is nothing to tell.
  if (heard == Heard::kLeft && !reader.begun())
    co_return check.client.mode == Mode::kReport ? Found::kLetPass : Found::kCut;
  const SeenHello hello = seen.value_or(std::unexpected(SniFault::kNoHello));
  const auto against = judge_hello(check.client, check.target, hello, check.decision);
  if (!against) co_return Found::kGood;
  check.log.decided(*against, check.asked, check.target.authority());
  if (against->passes()) co_return Found::kLetPass;
  if (!hello) co_return Found::kCut;  // it would not understand
  client.expires_after(check.limit);
  co_await asio::async_write(client, asio::buffer(kUnrecognizedName), kTuple);
  co_return Found::kCut;
}

void tell_no_answer(ClientStream& client, const HelloCheck& check, const boost::system::error_code& code) {
  const bool late = code == beast::error::timeout;
  const std::string host = check.target.authority();
  Error error;
  error.kind = late ? ErrorKind::kTimeout : ErrorKind::kNetwork;
  error.message = fmt::format("{} did not answer the ClientHello: {}", host,
                              late ? "nothing came until idle_timeout" : code.message());
  check.log.unreached(check.client.name, host, error);
  client.reset();
}

// The server's answer as far as it is needed to know what it says, on to the client. nullopt: none came.
Task<std::optional<Says>> pass_answer(ClientStream& client, beast::tcp_stream& server,
                                      const HelloCheck& check) {
  ServerHelloReader reader;
  const auto piece = std::make_unique_for_overwrite<Buffer>();
  server.expires_after(check.idle);
  for (;;) {
    auto [error, count] = co_await server.async_read_some(asio::buffer(*piece), kTuple);
    const auto said = asio::buffer(*piece, count);
    client.expires_after(check.idle);
    auto [unsaid, ignored] = co_await asio::async_write(client, said, kTuple);
    if (unsaid) co_return std::nullopt;
    if (const auto says = reader.take({piece->data(), count})) co_return says;
    if (error == asio::error::eof) co_return Says::kGoOn;  // nothing more will be wanted
    if (!error) continue;
    tell_no_answer(client, check, error);
    co_return std::nullopt;
  }
}

}  // namespace

Task<bool> hello_passes(ClientStream& client, beast::tcp_stream& server, beast::flat_buffer& buffer,
                        const HelloCheck& check) {
  if (!checks_hello(check.client, check.target)) co_return true;
  HelloReader first;
  const Found found = co_await judge_next(client, buffer, first, check);
  if (found != Found::kGood) co_return found == Found::kLetPass;
  // What stands behind the hello waits: it could be the next one, for a server that is known to want it.
  const auto hello = asio::buffer(buffer.data(), first.size());
  server.expires_after(check.limit);
  auto [error, sent] = co_await asio::async_write(server, hello, kTuple);
  if (error) co_return false;
  buffer.consume(sent);
  const std::optional<Says> says = co_await pass_answer(client, server, check);
  if (says != Says::kAgain) co_return says.has_value();
  // There is no third (RFC 8446, 4.1.4).
  HelloReader second(HelloReader::Which::kSecond);
  co_return co_await judge_next(client, buffer, second, check) != Found::kCut;
}

}  // namespace pollux::egress
