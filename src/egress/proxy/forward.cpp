// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/forward.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/write.hpp>

#include "egress/proxy/forward_fields.hpp"

namespace pollux::egress {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

using ResponseParser = http::response_parser<http::buffer_body>;
using Code = boost::system::error_code;

// The body of one message, from one side to the other, in pieces. Its head has been written.
template <bool is_request, class From, class To>
Task<Code> relay_body(From& from, beast::flat_buffer& buffer,
                      http::parser<is_request, http::buffer_body>& parser, To& to,
                      http::serializer<is_request, http::buffer_body>& serializer, Millis limit) {
  auto piece = std::make_unique<std::array<char, 16 * 1024>>();
  while (!serializer.is_done()) {
    auto& body = parser.get().body();
    if (parser.is_done()) {
      body.data = nullptr;
      body.size = 0;
    } else {
      body.data = piece->data();
      body.size = piece->size();
      from.expires_after(limit);
      auto [error, count] = co_await http::async_read(from, buffer, parser, kTuple);
      if (error && error != http::error::need_buffer) co_return error;
      body.size = piece->size() - body.size;
      body.data = piece->data();
      body.more = !parser.is_done();
    }
    to.expires_after(limit);
    auto [error, count] = co_await http::async_write(to, serializer, kTuple);
    if (error && error != http::error::need_buffer) co_return error;
  }
  co_return Code();
}

Error failed(const Target& target, const Code& error) {
  const bool late = error == beast::error::timeout;
  return {late ? ErrorKind::kTimeout : ErrorKind::kNetwork,
          target.authority() + " did not answer: " + error.message(),
          Retry::later(),
          {}};
}

void make_ready(http::request<http::buffer_body>& request, const HttpTarget& target) {
  drop_hop_by_hop(request);
  add_via(request, request.version());
  request.version(11);
  request.target(target.origin_form);
  // RFC 9112, 3.2.2: the URL says which host is meant, whatever Host said.
  const std::string authority = target.target.authority();
  request.set(http::field::host,
              target.target.port == 80 ? authority.substr(0, authority.rfind(':')) : authority);
  request.set(http::field::connection, "close");
}

// The head of the answer itself, behind those that only say "go on" (RFC 9110, 15.2).
Task<Code> read_answer(beast::tcp_stream& server, beast::flat_buffer& buffer,
                       std::unique_ptr<ResponseParser>& parser, bool of_head, const ProxyOptions& options) {
  for (int informational = 0; informational < 10; ++informational) {
    parser = std::make_unique<ResponseParser>();
    parser->header_limit(static_cast<std::uint32_t>(options.head.all));
    parser->body_limit(boost::none);
    parser->skip(of_head);
    server.expires_after(options.answer_timeout);
    auto [error, count] = co_await http::async_read_header(server, buffer, *parser, kTuple);
    if (error) co_return error;
    const unsigned status = parser->get().result_int();
    if (status >= 200) co_return Code();
    if (status == 101) break;  // nobody has asked for another protocol
  }
  co_return make_error_code(http::error::bad_status);
}

}  // namespace

Task<Forwarded> forward(ClientStream& client, beast::flat_buffer& buffer, RequestParser& parser,
                        beast::tcp_stream& server, const HttpTarget& target, const ProxyOptions& options) {
  const bool of_head = parser.get().method() == http::verb::head;
  const bool keep_alive = parser.get().keep_alive();
  const unsigned version = parser.get().version();
  make_ready(parser.get(), target);
  parser.get().body().more = !parser.is_done();
  http::request_serializer<http::buffer_body> request(parser.get());
  server.expires_after(options.answer_timeout);
  auto [error, count] = co_await http::async_write_header(server, request, kTuple);
  Code sent = error;
  if (!sent && !parser.is_done())
    sent = co_await relay_body(client, buffer, parser, server, request, options.answer_timeout);
  if (sent) co_return Forwarded{not_reached(failed(target.target, sent)), false};
  beast::flat_buffer come(64 * 1024);
  std::unique_ptr<ResponseParser> answer;
  const Code heard = co_await read_answer(server, come, answer, of_head, options);
  if (heard) co_return Forwarded{not_reached(failed(target.target, heard)), false};
  auto& message = answer->get();
  drop_hop_by_hop(message);
  add_via(message, message.version());
  const bool framed = of_head || answer->chunked() || answer->content_length() || answer->is_done();
  const bool keeps = keep_alive && framed && !(answer->chunked() && version == 10);
  message.version(11);
  message.keep_alive(keeps);
  message.body().more = !answer->is_done();
  http::response_serializer<http::buffer_body> response(message);
  response.split(true);
  client.expires_after(options.answer_timeout);
  auto [head_error, head_count] = co_await http::async_write_header(client, response, kTuple);
  if (head_error) co_return Forwarded{};
  if (answer->is_done()) co_return Forwarded{std::nullopt, keeps};
  const Code carried = co_await relay_body(server, come, *answer, client, response, options.answer_timeout);
  if (carried) {
    // Who has half of an answer shall not take it for the whole.
    client.reset();
    co_return Forwarded{};
  }
  co_return Forwarded{std::nullopt, keeps};
}

}  // namespace pollux::egress
