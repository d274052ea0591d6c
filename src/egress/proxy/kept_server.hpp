#pragma once
// SPDX-License-Identifier: Apache-2.0
// The connection to a server of plain http behind an answer that came whole, for the next request of the same
// client's connection to the same place: never for another client, whose answers must not be mixed up with
// these. io thread.

#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <string>

#include "base/ip_address.hpp"
#include "egress/policy/target.hpp"

namespace pollux::egress {

struct KeptServer {
  using Clock = std::chrono::steady_clock;

  std::string client;  // for whom, by name: credentials are each request's own
  Target target;
  IpAddress address;  // that was judged; it is judged again for each request
  boost::beast::tcp_stream stream;
  Clock::time_point since = Clock::now();

  /// Whether a request may go over it. Servers close what has been idle for some seconds (Node and Apache:
  /// 5), and a request that meets such an end would have to be sent again, which its server may count twice:
  /// so it is not for long, and not where something has come already, be it the end.
  bool serves(const std::string& client_name, const Target& next);
};

}  // namespace pollux::egress
