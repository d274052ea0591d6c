// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/request_head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include "base/ascii.hpp"

namespace pollux::egress {
namespace {

namespace http = boost::beast::http;

std::unexpected<Refused> refuse(int status, std::string reason) {
  return std::unexpected(Refused{status, std::move(reason)});
}

// field-vchar, obs-text, space and tab (RFC 9110, 5.5); what else stands there has another meaning to
// somebody.
bool may_stand(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
}

// The lines of a head without their ends; each ends with CRLF, and CR and LF stand nowhere else.
std::expected<void, Refused> check_lines(std::string_view head, const HeadLimits& limits) {
  std::size_t number = 0;
  for (; !head.empty(); ++number) {
    const std::size_t end = head.find("\r\n");
    if (end == std::string_view::npos) return refuse(400, "a line that does not end with CR LF");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    if (!std::ranges::all_of(line, may_stand))
      return refuse(400, fmt::format("a control character in line {} of the head", number + 1));
    if (number == 0) {
      if (line.size() > limits.line) return refuse(414, "the request's first line is too long");
      continue;
    }
    if (line.empty())
      return head.empty() ? std::expected<void, Refused>() : refuse(400, "bytes behind the head");
    if (number > limits.fields) return refuse(431, fmt::format("more than {} headers", limits.fields));
    if (line.size() > limits.field)
      return refuse(431, fmt::format("header {} is longer than {} bytes", number, limits.field));
    // RFC 9112, 5.2: a proxy that forwards a folded line as it is, is read differently by the next one.
    if (line.front() == ' ' || line.front() == '\t') return refuse(400, "a folded header");
  }
  return refuse(400, "a head without its empty line");
}

std::expected<void, Refused> check_framing(const http::request_header<>& request) {
  const std::size_t lengths = request.count(http::field::content_length);
  const std::size_t codings = request.count(http::field::transfer_encoding);
  if (lengths > 1) return refuse(400, "more than one Content-Length");
  if (codings > 0 && lengths > 0) return refuse(400, "Content-Length and Transfer-Encoding both");
  if (codings > 1) return refuse(400, "more than one Transfer-Encoding");
  if (codings == 1 && request.version() < 11) return refuse(400, "Transfer-Encoding in HTTP/1.0");
  if (codings == 1 && !ascii_iequals(request[http::field::transfer_encoding], "chunked"))
    return refuse(501, "a Transfer-Encoding other than chunked");
  if (lengths == 1) {
    const std::string_view length = request[http::field::content_length];
    const bool digits = std::ranges::all_of(length, [](char c) { return c >= '0' && c <= '9'; });
    if (length.empty() || !digits) return refuse(400, "a Content-Length that is no number");
    if (length != "0" && request.method() == http::verb::connect) return refuse(400, "a CONNECT with a body");
  }
  if (codings == 1 && request.method() == http::verb::connect) return refuse(400, "a CONNECT with a body");
  return {};
}

// Whether the first line ends as that of HTTP does; others (a PROXY line, a blank in the target) are no
// request.
bool names_a_version(std::string_view head) {
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const auto target = std::min(line.find(' '), line.size() - 1) + 1;
  return line.substr(std::min(line.find(' ', target), line.size())).starts_with(" HTTP/");
}

}  // namespace

std::expected<std::optional<std::size_t>, Refused> find_head(std::string_view bytes,
                                                             const HeadLimits& limits) {
  const std::size_t skipped = bytes.starts_with("\r\n") ? 2 : 0;
  const std::size_t end = bytes.find("\r\n\r\n", skipped);
  const std::size_t size = (end == std::string_view::npos ? bytes.size() : end + 4) - skipped;
  if (size > limits.all) return refuse(431, fmt::format("the head is longer than {} bytes", limits.all));
  if (end == std::string_view::npos) return std::optional<std::size_t>();
  return std::optional(end + 4);
}

std::expected<void, Refused> take_head(std::string_view head, RequestParser& parser,
                                       const HeadLimits& limits) {
  if (head.starts_with("\r\n")) head.remove_prefix(2);
  if (auto lines = check_lines(head, limits); !lines) return lines;
  parser.header_limit(static_cast<std::uint32_t>(limits.all + 1));
  parser.body_limit(boost::none);
  boost::system::error_code error;
  const std::size_t taken = parser.put(boost::asio::buffer(head), error);
  if (error == http::error::need_more) error = {};
  if (error == http::error::bad_version && names_a_version(head))
    return refuse(505, "neither HTTP/1.0 nor HTTP/1.1");
  if (error) return refuse(400, error.message());
  if (!parser.is_header_done() || taken != head.size()) return refuse(400, "no whole head");
  const auto& request = parser.get();
  if (request.version() != 10 && request.version() != 11) return refuse(505, "neither HTTP/1.0 nor HTTP/1.1");
  const std::size_t hosts = request.count(http::field::host);
  if (hosts > 1) return refuse(400, "more than one Host");
  if (hosts == 0 && request.version() == 11) return refuse(400, "no Host");
  return check_framing(request);
}

}  // namespace pollux::egress
