#pragma once
// SPDX-License-Identifier: Apache-2.0
// What a proxy takes out of a message and puts into it on its way (RFC 9110, 7.6). Pure; any thread.

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <string>

#include "egress/policy/target.hpp"

namespace pollux::egress {

/// What is meant for the next hop alone and not for the one behind it: Connection and all that it names,
/// Keep-Alive, Proxy-*, TE, Trailer, Upgrade. Not Transfer-Encoding, which whoever writes the message sets.
void drop_hop_by_hop(boost::beast::http::fields& fields);

/// Via (RFC 9110, 7.6.3), behind those of the proxies before. `version` is that of the message as it came,
/// 10 or 11.
void add_via(boost::beast::http::fields& fields, unsigned version);

/// How the server is to be asked: an OPTIONS for a host without a path is one for the whole server, "*"
/// (RFC 9112, 3.2.4). `request` still has the target that the client sent.
std::string onward_target(const boost::beast::http::request_header<>& request, const HttpTarget& target);

/// What Max-Forwards of an OPTIONS says (RFC 9110, 7.6.2); of other methods nothing.
enum class MaxForwards {
  kOn,          // it has been counted down, if it was there
  kNoMore,      // it is this proxy that is asked
  kUnreadable,  // no number
};
MaxForwards count_down(boost::beast::http::request_header<>& request);

}  // namespace pollux::egress
