#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the proxy itself says: refusals as application/problem+json (RFC 9457), with the reason, which is in
// Proxy-Status (RFC 9209) too, and never a rule of the lists. Pure.

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/verb.hpp>
#include <span>
#include <string>

#include "egress/policy/policy.hpp"
#include "egress/proxy/request_head.hpp"

namespace pollux::egress {

using Answer = boost::beast::http::response<boost::beast::http::string_body>;

/// For a request that is refused; the connection is closed behind it.
Answer refusal(const Refused& refused);
/// 405, with the methods that are taken.
Answer not_among(const Refused& refused, std::span<const boost::beast::http::verb> methods);
/// 200, with the methods that are taken: an OPTIONS that goes no further.
Answer own_options(std::span<const boost::beast::http::verb> methods);
/// 403, with the decision's reason.
Answer refusal(const Decision& decision);
/// 407: who are you?
Answer ask_for_credentials();
/// 502, 503 (too much of the client under way) or 504: nobody was reached.
Answer not_reached(const Error& error);
Answer healthy();

}  // namespace pollux::egress
