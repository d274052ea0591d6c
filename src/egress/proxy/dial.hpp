#pragma once
// SPDX-License-Identifier: Apache-2.0
// From a target to a connection: judged, looked up once, each address judged, and connected to one of those
// that passed and to nothing else, so that no second look-up can give another answer (DNS rebinding). io
// thread.

#include <boost/beast/core/tcp_stream.hpp>
#include <optional>

#include "egress/policy/policy.hpp"
#include "egress/proxy/options.hpp"
#include "egress/proxy/resolver.hpp"
#include "log/logger.hpp"

namespace pollux::egress {

struct Dialed {
  Decision decision;
  std::optional<boost::beast::tcp_stream> stream;
  std::optional<Error> error;  // it passed, and yet nobody was reached
};

/// What the log line of a decision says besides.
struct Asked {
  std::string what;  // "CONNECT" or the method
  std::string from;  // the address of who asks
};

/// Says the decision in the log, before it connects. `asked` outlives it.
Task<Dialed> dial(Resolver& resolver, const ProxyOptions& options, const Client& client, const Target& target,
                  log::Logger& logger, const Asked& asked);

/// The log line of a decision; `host` as it was asked for.
void log_decision(log::Logger& logger, const Decision& decision, const Asked& asked, const std::string& host);

}  // namespace pollux::egress
