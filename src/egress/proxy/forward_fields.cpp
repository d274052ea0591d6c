// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/forward_fields.hpp"

#include <boost/beast/http/rfc7230.hpp>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pollux::egress {
namespace {

namespace http = boost::beast::http;

// What says how the message is framed or where it goes: a Connection header that names it is an attempt to
// have it lost on the way.
bool may_be_dropped(std::string_view name) {
  for (http::field kept : {http::field::host, http::field::content_length, http::field::transfer_encoding}) {
    if (boost::beast::iequals(name, http::to_string(kept))) return false;
  }
  return true;
}

}  // namespace

void drop_hop_by_hop(http::fields& fields) {
  std::vector<std::string> named;
  const auto connections = fields.equal_range(http::field::connection);
  for (auto one = connections.first; one != connections.second; ++one) {
    for (const auto& token : http::token_list(one->value())) named.emplace_back(token);
  }
  for (const std::string& name : named) {
    if (may_be_dropped(name)) fields.erase(name);
  }
  for (http::field field : {http::field::connection, http::field::keep_alive, http::field::proxy_authenticate,
                            http::field::proxy_authorization, http::field::proxy_connection, http::field::te,
                            http::field::trailer, http::field::upgrade}) {
    fields.erase(field);
  }
}

void add_via(http::fields& fields, unsigned version) {
  fields.insert(http::field::via, version == 10 ? "1.0 pollux" : "1.1 pollux");
}

std::string onward_target(const http::request_header<>& request, const HttpTarget& target) {
  constexpr std::size_t kBehindScheme = std::string_view("http://").size();
  const std::string_view sent = request.target();
  const bool bare = sent.find_first_of("/?", kBehindScheme) == std::string_view::npos;
  return bare && request.method() == http::verb::options ? "*" : target.origin_form;
}

MaxForwards count_down(http::request_header<>& request) {
  if (request.method() != http::verb::options) return MaxForwards::kOn;
  const auto count = request.count(http::field::max_forwards);
  if (count == 0) return MaxForwards::kOn;
  const std::string_view text = request[http::field::max_forwards];
  std::uint64_t left = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), left);
  if (count > 1 || error != std::errc() || end != text.data() + text.size()) return MaxForwards::kUnreadable;
  if (left == 0) return MaxForwards::kNoMore;
  request.set(http::field::max_forwards, std::to_string(left - 1));
  return MaxForwards::kOn;
}

}  // namespace pollux::egress
