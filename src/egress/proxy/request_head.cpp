// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/request_head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include "egress/proxy/framing.hpp"

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
  if (auto fault = framing_fault(request, request.version()))
    return refuse(fault->unknown_coding ? 501 : 400, std::move(fault->reason));
  if (request.method() != http::verb::connect) return {};
  const auto length = request[http::field::content_length];
  const bool body = request.count(http::field::transfer_encoding) > 0 || (!length.empty() && length != "0");
  if (body) return refuse(400, "a CONNECT with a body");
  return {};
}

// Whether the first line ends as that of HTTP does; others (a PROXY line, a blank in the target) are no
// request.
bool names_a_version(std::string_view head) {
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const auto target = std::min(line.find(' '), line.size() - 1) + 1;
  return line.substr(std::min(line.find(' ', target), line.size())).starts_with(" HTTP/");
}

// Its junk hides from us what it would have us drop.
bool connection_can_be_read(const http::request_header<>& request) {
  const auto [first, last] = request.equal_range(http::field::connection);
  return std::all_of(first, last,
                     [](const auto& one) { return http::validate_list(http::opt_token_list(one.value())); });
}

// A request that has come through here so often goes round in a circle.
bool goes_round(const http::request_header<>& request) {
  constexpr int kMost = 4;
  int times = 0;
  const auto [first, last] = request.equal_range(http::field::via);
  for (auto one = first; one != last; ++one) {
    const std::string_view value = one->value();
    for (auto at = value.find("pollux"); at != std::string_view::npos; at = value.find("pollux", at + 1))
      ++times;
  }
  return times > kMost;
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
  if (!connection_can_be_read(request)) return refuse(400, "a Connection header that is no list");
  if (goes_round(request)) return refuse(508, "this request has come through here several times");
  return check_framing(request);
}

}  // namespace pollux::egress
