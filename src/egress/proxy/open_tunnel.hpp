#pragma once
// SPDX-License-Identifier: Apache-2.0
// What is left of a client's connection once its tunnel stands. An idle tunnel keeps nothing of how it began:
// there may be ten thousand. Private to this folder; io thread.

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <optional>
#include <string>

#include "egress/proxy/connection.hpp"
#include "egress/proxy/place.hpp"
#include "egress/tunnel/tls_session.hpp"

namespace pollux::egress {

struct OpenTunnel {
  std::shared_ptr<ProxyCore> core;
  std::shared_ptr<const Clients> clients;  // a reload in its middle changes nothing for it
  const ProxyClient& client;               // one of them
  std::string target;
  std::unique_ptr<const Place> place;
  asio::ip::tcp::socket near;
  asio::ip::tcp::socket far;
  std::optional<TlsSession> tls;  // of the client's side
};

/// Until either side has ended it, or its limits, or the proxy's end.
Task<> carry(std::unique_ptr<OpenTunnel> tunnel);

}  // namespace pollux::egress
