#pragma once
// SPDX-License-Identifier: Apache-2.0
// From a target to a connection: judged, looked up once, each address judged, and connected to one of those
// that passed and to nothing else, so that no second look-up can give another answer (DNS rebinding). io
// thread.

#include <boost/beast/core/tcp_stream.hpp>
#include <optional>

#include "egress/policy/policy.hpp"
#include "egress/proxy/access_log.hpp"
#include "egress/proxy/kept_server.hpp"
#include "egress/proxy/options.hpp"
#include "egress/proxy/resolver.hpp"

namespace pollux::egress {

struct Dialed {
  Decision decision;
  std::optional<boost::beast::tcp_stream> stream;
  std::optional<Error> error;  // it passed, and yet nobody was reached
};

/// Says the decision to the log, with the address that it came to. `asked` outlives it. `kept` may
/// serve this target, which spares the look-up and the connect, and no judgement.
Task<Dialed> dial(Resolver& resolver, const ProxyOptions& options, const Client& client, const Target& target,
                  AccessLog& log, const Asked& asked, KeptServer* kept = nullptr);

}  // namespace pollux::egress
