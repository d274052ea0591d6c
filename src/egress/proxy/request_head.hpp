#pragma once
// SPDX-License-Identifier: Apache-2.0
// The head of a request to the proxy, judged before anything is done for it: whatever two programs could
// read in two ways is refused (request smuggling, RFC 9112, 11.2). Beast parses; what Beast is lenient about
// is looked for in the bytes themselves. Pure; any thread.

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace pollux::egress {

using RequestParser = boost::beast::http::request_parser<boost::beast::http::buffer_body>;

struct HeadLimits {
  std::size_t line = 8 * 1024;   // the request's first line; RFC 9112, 3 wants 8,000 at least
  std::size_t field = 8 * 1024;  // each header
  std::size_t fields = 100;
  std::size_t all = 32 * 1024;
  bool operator==(const HeadLimits&) const = default;
};

/// What the client is told, and why.
struct Refused {
  int status = 400;
  std::string reason;
};

/// Where the head ends in what has come so far (behind its empty line); nullopt: not yet. Refused when it has
/// already grown too large. One empty line before the head is skipped with it (RFC 9112, 2.2).
std::expected<std::optional<std::size_t>, Refused> find_head(std::string_view bytes,
                                                             const HeadLimits& limits);

/// Takes a whole head, as find_head() delimits it, into a parser that nothing was put into yet. Good heads
/// are HTTP/1.0 or 1.1, say in one way how long their body is, and have one Host where 1.1 wants it; a
/// CONNECT has no body.
std::expected<void, Refused> take_head(std::string_view head, RequestParser& parser,
                                       const HeadLimits& limits);

}  // namespace pollux::egress
