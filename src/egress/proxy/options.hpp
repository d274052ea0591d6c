#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the operator says of the proxy as a whole. Value type.

#include <vector>

#include "base/ip_address.hpp"
#include "base/units.hpp"
#include "egress/proxy/request_head.hpp"

namespace pollux::egress {

struct ProxyOptions {
  HeadLimits head;
  Millis handshake_timeout = std::chrono::seconds(10);  // of TLS, with the PROXY header before it
  Millis head_timeout =
      std::chrono::seconds(10);  // a head that has begun to come, and the first one from the start
  Millis keep_alive = std::chrono::seconds(60);  // until the next request begins
  Millis resolve_timeout = std::chrono::seconds(10);
  Millis connect_timeout = std::chrono::seconds(10);  // of each address
  Millis idle_timeout = std::chrono::minutes(10);     // of a tunnel
  Millis answer_timeout =
      std::chrono::seconds(60);  // of a plain request: the answer's head, each piece of a body
  /// Load balancers that say by the PROXY protocol for whom they speak, and must; of others it is no request.
  std::vector<Cidr> proxy_protocol;
  std::size_t most_connections = 10'000;
  bool operator==(const ProxyOptions&) const = default;
};

}  // namespace pollux::egress
