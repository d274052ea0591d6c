#pragma once
// SPDX-License-Identifier: Apache-2.0
// What comes before a connection's first request: from a load balancer that is trusted the PROXY header, then
// the TLS handshake. Who never gets through these is closed, and has held up nobody else. Private to this
// folder; io thread.

#include <optional>
#include <string>
#include <vector>

#include "egress/proxy/client_stream.hpp"
#include "egress/proxy/connection.hpp"

namespace pollux::egress {

struct Arrival {
  std::string from;                // an address
  std::vector<std::string> names;  // what the certificate says, if there is one
};

/// nullopt: there is no connection to serve.
Task<std::optional<Arrival>> arrive(ClientStream& stream, ProxyCore& core);

}  // namespace pollux::egress
