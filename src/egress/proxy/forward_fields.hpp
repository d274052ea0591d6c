#pragma once
// SPDX-License-Identifier: Apache-2.0
// What a proxy takes out of a message and puts into it on its way (RFC 9110, 7.6). Pure; any thread.

#include <boost/beast/http/fields.hpp>

namespace pollux::egress {

/// What is meant for the next hop alone and not for the one behind it: Connection and all that it names,
/// Keep-Alive, Proxy-*, TE, Trailer, Upgrade. Not Transfer-Encoding, which whoever writes the message sets.
void drop_hop_by_hop(boost::beast::http::fields& fields);

/// Via (RFC 9110, 7.6.3), behind those of the proxies before. `version` is that of the message as it came,
/// 10 or 11.
void add_via(boost::beast::http::fields& fields, unsigned version);

}  // namespace pollux::egress
