#pragma once
// SPDX-License-Identifier: Apache-2.0
// The forward proxy: CONNECT for what is TLS, absolute-form requests for plain http, each judged by the
// client's own lists. Owned by the app, which keeps it until serve() has ended; io thread.

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "egress/proxy/clients.hpp"
#include "egress/proxy/options.hpp"
#include "egress/proxy/tls_context.hpp"
#include "log/logger.hpp"
#include "net/task.hpp"

namespace pollux::egress {

class ForwardProxy {
 public:
  ForwardProxy(asio::io_context& io, ProxyOptions options, std::shared_ptr<const Clients> clients,
               log::Logger& logger);
  ~ForwardProxy();

  /// Listens at an address; port 0 takes any. The port that it became. kNetwork: taken, not allowed.
  Result<std::uint16_t> bind(const std::string& address, std::uint16_t port);

  /// For every request from now on; tunnels that stand stay.
  void replace(std::shared_ptr<const Clients> clients);

  /// For every connection from now on: by TLS (or, nullptr, in the clear); those that stand stay as they are.
  void replace(std::shared_ptr<const TlsContext> tls);

  /// Accepts and serves until stop(), then until the last tunnel has ended. Canceled, it cuts all first.
  Task<> serve();

  /// Takes no new connection and no new request; tunnels go on.
  void stop();

  std::size_t connections() const;

  /// For Prometheus, in its text format.
  std::string metrics() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pollux::egress
