// SPDX-License-Identifier: Apache-2.0
#include "net/http_message.hpp"

#include <chrono>
#include <utility>

namespace pollux::net {
namespace {

bool splits_the_head(std::string_view text) {
  using namespace std::string_view_literals;
  return text.find_first_of("\r\n\0"sv) != std::string_view::npos;
}

}  // namespace

ServerRequest as_request(Parser::value_type message, RequestTarget target, std::string peer) {
  ServerRequest out;
  out.method = message.method_string();
  out.target = message.target();
  out.path = std::move(target.path);
  out.query = std::move(target.query);
  for (const auto& field : message) out.headers.emplace_back(field.name_string(), field.value());
  out.body = std::move(message.body());
  out.peer = std::move(peer);
  return out;
}

ServerResponse refusal(int status) {
  std::string body = std::to_string(status) + " ";
  body.append(http::obsolete_reason(static_cast<http::status>(status))).append("\n");
  return {status, {{"Content-Type", "text/plain"}}, std::move(body), {}};
}

int status_for(const boost::system::error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) return 431;
  if (error == http::error::body_limit) return 413;
  if (error == http::error::bad_version) return 505;
  // A timeout has closed the socket; the others mean that the peer went away.
  if (error == http::error::end_of_stream || error == http::error::partial_message) return 0;
  if (error.category() == make_error_code(http::error::bad_method).category()) return 400;
  return 0;
}

bool has_body(int status) { return status != 204 && status != 304 && status >= 200; }

http::response<http::string_body> as_message(ServerResponse response, bool head, bool keep_alive) {
  http::response<http::string_body> message(static_cast<http::status>(response.status), 11);
  auto now = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  if (find_header(response.headers, "Date").empty()) message.set(http::field::date, format_http_date(now));
  for (const auto& [name, value] : response.headers) {
    if (!name.empty() && !splits_the_head(name) && !splits_the_head(value)) message.insert(name, value);
  }
  if (has_body(response.status)) message.content_length(response.body.size());
  if (!head && has_body(response.status)) message.body() = std::move(response.body);
  if (!keep_alive) message.set(http::field::connection, "close");
  return message;
}

std::string head_text(const ServerResponse& response) {
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " Pollux\r\n";
  bool length_given = !find_header(response.headers, "Content-Length").empty() ||
                      !find_header(response.headers, "Transfer-Encoding").empty();
  for (const auto& [name, value] : response.headers)
    text.append(name).append(": ").append(value).append("\r\n");
  if (!length_given) text += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  return text + "Connection: close\r\n\r\n";
}

}  // namespace pollux::net
