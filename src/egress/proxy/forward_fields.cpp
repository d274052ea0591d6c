// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/forward_fields.hpp"

#include <boost/beast/http/rfc7230.hpp>
#include <string>
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

}  // namespace pollux::egress
