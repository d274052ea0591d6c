// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/open_tunnel.hpp"

#include "egress/tunnel/relay.hpp"
#include "egress/tunnel/tls_relay.hpp"

namespace pollux::egress {

Task<> carry(std::unique_ptr<OpenTunnel> tunnel) {
  ProxyCore& core = *tunnel->core;
  Standing standing(core.log, tunnel->client.policy.name, tunnel->target);
  const RelayLimits limits{core.options.idle_timeout, tunnel->client.most_bytes};
  if (tunnel->tls) {
    standing.relayed = co_await relay(tunnel->near, *tunnel->tls, tunnel->far, core.buffers, limits);
  } else {
    standing.relayed = co_await relay(tunnel->near, tunnel->far, core.pipes, core.buffers, limits);
  }
}

}  // namespace pollux::egress
