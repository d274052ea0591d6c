#pragma once
// SPDX-License-Identifier: Apache-2.0
// One connection of an HttpServer, from its first byte to its last. Private to src/net. The coroutines are
// owned by the server's task group and share what is in ServerCore with it. Nothing is thrown but
// cancellation: a peer's fault ends in a 4xx or in a closed connection.

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <functional>
#include <list>
#include <memory>

#include "net/http_server.hpp"

namespace pollux::net {

struct ServerCore {
  Handler handler;
  ServerOptions options;
  std::optional<asio::ssl::context> tls;
  bool draining = false;
  std::list<std::function<void()>> idle;  // closes a connection that waits for its next request
};

Task<> serve_plain(asio::ip::tcp::socket socket, std::shared_ptr<ServerCore> core);
Task<> serve_tls(asio::ip::tcp::socket socket, std::shared_ptr<ServerCore> core);

}  // namespace pollux::net
