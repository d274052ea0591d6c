// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/forward.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/write.hpp>

#include "egress/proxy/forward_fields.hpp"
#include "egress/proxy/framing.hpp"

namespace pollux::egress {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

using ResponseParser = http::response_parser<http::buffer_body>;
using Code = boost::system::error_code;

// How the carrying of a body ended, and on which side it failed.
struct Carried {
  Code read;
  Code written;
  bool whole() const { return !read && !written; }
};

// The body of one message, from one side to the other, as it comes. Its head goes with the first piece, where
// it has not been written.
template <bool is_request, class From, class To>
Task<Carried> relay_body(From& from, beast::flat_buffer& buffer,
                         http::parser<is_request, http::buffer_body>& parser, To& to,
                         http::serializer<is_request, http::buffer_body>& serializer, Millis silence) {
  auto piece = std::make_unique<std::array<char, 16 * 1024>>();
  while (!serializer.is_done()) {
    auto& body = parser.get().body();
    std::size_t come = 0;
    while (come == 0 && !parser.is_done()) {
      body.data = piece->data();
      body.size = piece->size();
      from.expires_after(silence);
      auto [error, count] = co_await http::async_read_some(from, buffer, parser, kTuple);
      if (error && error != http::error::need_buffer) co_return Carried{error, {}};
      come = piece->size() - body.size;
    }
    body.data = come > 0 ? piece->data() : nullptr;
    body.size = come;
    body.more = !parser.is_done();
    to.expires_after(silence);
    auto [error, count] = co_await http::async_write(to, serializer, kTuple);
    if (error && error != http::error::need_buffer) co_return Carried{{}, error};
  }
  co_return Carried{};
}

// What went wrong with an answer, in words for who looks after the server.
std::string describe(const Code& error, const ForwardLimits& limits) {
  if (error == beast::error::timeout) return "nothing more came for " + describe_duration(limits.silence);
  if (error == http::error::end_of_stream) return "it closed the connection without an answer";
  if (error == http::error::partial_message) return "it closed the connection in the middle of its answer";
  if (error == http::error::body_limit)
    return fmt::format("its body is longer than the {} bytes that the client may have", limits.most_bytes);
  return error.message();
}

Error failed(const Target& target, const std::string& how, ErrorKind kind = ErrorKind::kNetwork) {
  return {kind, target.authority() + " did not answer well: " + how, Retry::later(), {}};
}

Error failed(const Target& target, const Code& error, const ForwardLimits& limits) {
  return failed(target, describe(error, limits),
                error == beast::error::timeout ? ErrorKind::kTimeout : ErrorKind::kNetwork);
}

Forwarded no_answer(Error error) { return {Forwarded::End::kNoAnswer, false, false, std::move(error)}; }

void make_ready(http::request<http::buffer_body>& request, const HttpTarget& target, bool last) {
  drop_hop_by_hop(request);
  add_via(request, request.version());
  request.version(11);
  request.target(onward_target(request, target));
  // RFC 9112, 3.2.2: the URL says which host is meant, whatever Host said.
  const std::string authority = target.target.authority();
  request.set(http::field::host,
              target.target.port == 80 ? authority.substr(0, authority.rfind(':')) : authority);
  if (last) request.set(http::field::connection, "close");
}

// The head of the answer itself, behind those that only say "go on" (RFC 9110, 15.2).
Task<Code> read_answer(beast::tcp_stream& server, beast::flat_buffer& buffer,
                       std::unique_ptr<ResponseParser>& parser, bool of_head, const ForwardLimits& limits) {
  for (int informational = 0; informational < 10; ++informational) {
    parser = std::make_unique<ResponseParser>();
    parser->header_limit(static_cast<std::uint32_t>(limits.head));
    parser->body_limit(limits.most_bytes > 0 && !of_head ? boost::optional<std::uint64_t>(limits.most_bytes)
                                                         : boost::none);
    parser->skip(of_head);
    server.expires_after(limits.silence);
    auto [error, count] = co_await http::async_read_header(server, buffer, *parser, kTuple);
    if (error) co_return error;
    const unsigned status = parser->get().result_int();
    if (status >= 200) co_return Code();
    if (status == 101) break;  // nobody has asked for another protocol
  }
  co_return make_error_code(http::error::bad_status);
}

// The request as a whole, whose client spoke `version`; what to say to it where its body did not come.
Task<std::optional<Refused>> send_request(ClientStream& client, unsigned version, beast::flat_buffer& buffer,
                                          RequestParser& parser, beast::tcp_stream& server, Millis silence) {
  // HTTP/1.0 has no such answer (RFC 9110, 10.1.1).
  const bool waits = version >= 11 && beast::iequals(parser.get()[http::field::expect], "100-continue");
  parser.get().erase(http::field::expect);
  parser.get().body().more = !parser.is_done();
  http::request_serializer<http::buffer_body> request(parser.get());
  server.expires_after(silence);
  auto [error, count] = co_await http::async_write_header(server, request, kTuple);
  if (error || parser.is_done()) co_return std::nullopt;
  if (waits && buffer.size() == 0) {
    constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
    client.expires_after(silence);
    auto [told, told_count] = co_await asio::async_write(client, asio::buffer(kGoOn), kTuple);
    if (told) co_return std::nullopt;
  }
  const Carried carried = co_await relay_body(client, buffer, parser, server, request, silence);
  // A server that has heard enough may have answered: that is told instead.
  if (!carried.read) co_return std::nullopt;
  co_return Refused{carried.read == beast::error::timeout ? 408 : 400,
                    "the body of the request did not come as announced: " + carried.read.message()};
}

bool is_bare(const http::response<http::buffer_body>& message) {
  return message.result_int() == 204 || message.result_int() == 304;
}

// Makes the answer's head ours; whether the client's connection is good for another request behind it.
bool make_ready(http::response<http::buffer_body>& message, const ResponseParser& answer, bool of_head,
                unsigned client_version) {
  drop_hop_by_hop(message);
  add_via(message, message.version());
  const bool bare = is_bare(message);
  if (bare) message.erase(http::field::transfer_encoding);                      // RFC 9112, 6.1
  if (message.result_int() == 204) message.erase(http::field::content_length);  // RFC 9110, 8.6
  bool framed = of_head || bare || answer.chunked() || answer.content_length() || answer.is_done();
  // It knows no chunks (RFC 9112, 6.1): the end of the connection is that of the body.
  if (client_version == 10 && answer.chunked()) {
    message.chunked(false);
    framed = of_head || bare;
  }
  message.version(11);
  return framed;
}

}  // namespace

Task<Forwarded> forward(ClientStream& client, beast::flat_buffer& buffer, RequestParser& parser,
                        beast::tcp_stream& server, const HttpTarget& target, ForwardLimits limits) {
  const bool of_head = parser.get().method() == http::verb::head;
  // Of a body that is still on its way, or of an answer without one, some servers lose count.
  const bool may_keep = parser.get().method() == http::verb::get && parser.is_done();
  const bool keep_alive = parser.get().keep_alive();
  const unsigned version = parser.get().version();
  make_ready(parser.get(), target, !may_keep);
  auto unsent = co_await send_request(client, version, buffer, parser, server, limits.silence);
  if (unsent)
    co_return Forwarded{Forwarded::End::kBadRequest, false, false, std::nullopt, std::move(*unsent)};
  beast::flat_buffer come(64 * 1024);
  std::unique_ptr<ResponseParser> answer;
  const Code heard = co_await read_answer(server, come, answer, of_head, limits);
  if (heard) co_return no_answer(failed(target.target, heard, limits));
  auto& message = answer->get();
  if (const auto fault = framing_fault(message, message.version()))
    co_return no_answer(failed(target.target, fault->reason));
  const bool server_keeps = may_keep && message.version() == 11 && answer->keep_alive() && !is_bare(message);
  const bool framed = make_ready(message, *answer, of_head, version);
  // What the client had still to send, it shall not send as its next request.
  const bool keeps = keep_alive && framed && parser.is_done();
  message.keep_alive(keeps);
  message.body().more = !answer->is_done();
  http::response_serializer<http::buffer_body> response(message);
  if (answer->is_done() || come.size() == 0) {  // what the head waits for may come late
    client.expires_after(limits.silence);
    auto [error, count] = co_await http::async_write_header(client, response, kTuple);
    if (error) co_return Forwarded{};
  }
  if (answer->is_done()) co_return Forwarded{Forwarded::End::kWhole, keeps, server_keeps && come.size() == 0};
  const Carried carried = co_await relay_body(server, come, *answer, client, response, limits.silence);
  if (carried.whole()) co_return Forwarded{Forwarded::End::kWhole, keeps, server_keeps && come.size() == 0};
  // Who has half of an answer shall not take it for the whole.
  client.reset();
  if (!carried.read) co_return Forwarded{};
  Error half = failed(target.target, carried.read, limits);
  co_return Forwarded{Forwarded::End::kHalfAnswer, false, false, std::move(half)};
}

}  // namespace pollux::egress
