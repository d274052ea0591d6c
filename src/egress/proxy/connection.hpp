#pragma once
// SPDX-License-Identifier: Apache-2.0
// One client's connection, from its first byte to its last: requests one after the other until one of them
// is a CONNECT, which makes a tunnel of it. Private to this folder; owned by the proxy's task group. Nothing
// is thrown but cancellation.

#include <boost/asio/ip/tcp.hpp>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "egress/proxy/access_log.hpp"
#include "egress/proxy/clients.hpp"
#include "egress/proxy/options.hpp"
#include "egress/proxy/resolver.hpp"
#include "egress/proxy/tls_context.hpp"
#include "egress/tunnel/buffers.hpp"
#include "egress/tunnel/pipes.hpp"
#include "net/task.hpp"

namespace pollux::egress {

class ClientStream;

/// What connections share.
struct ProxyCore {
  ProxyCore(ProxyOptions how, std::shared_ptr<const Clients> who, log::Logger& logger)
      : options(std::move(how)), clients(std::move(who)), log(logger) {}

  ProxyOptions options;
  std::shared_ptr<const Clients>
      clients;                            // another one after a reload; a request keeps the one it began with
  std::shared_ptr<const TlsContext> tls;  // nullptr: clients come in the clear
  AccessLog log;
  Resolver resolver;
  Pipes pipes;
  Buffers buffers;
  std::map<std::string, std::size_t> open;  // requests and tunnels under way, by client
  std::list<ClientStream*> waiting;         // have no request under way; who waits for longest is the first
  bool room_wanted = false;  // somebody wants to come, and nobody has waited: the next who does makes room
  bool draining = false;
};

Task<> serve_client(asio::ip::tcp::socket socket, std::shared_ptr<ProxyCore> core);

}  // namespace pollux::egress
