// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/forward_proxy.hpp"

#include <utility>

#include "egress/proxy/client_stream.hpp"
#include "egress/proxy/connection.hpp"
#include "net/listener.hpp"

namespace pollux::egress {

using asio::ip::tcp;

struct ForwardProxy::Impl {
  Impl(asio::io_context& io, ProxyOptions options, std::shared_ptr<const Clients> clients,
       log::Logger& logger)
      : core(std::make_shared<ProxyCore>(std::move(options), std::move(clients), logger)),
        listener(io, core->options.most_connections, [&logger](const std::string& what) {
          logger.error("egress_fault", "a connection ended by a fault: " + what);
        }) {}

  std::shared_ptr<ProxyCore> core;
  net::Listener listener;
};

ForwardProxy::ForwardProxy(asio::io_context& io, ProxyOptions options, std::shared_ptr<const Clients> clients,
                           log::Logger& logger)
    : impl_(std::make_unique<Impl>(io, std::move(options), std::move(clients), logger)) {}

ForwardProxy::~ForwardProxy() = default;

Result<std::uint16_t> ForwardProxy::bind(const std::string& address, std::uint16_t port) {
  return impl_->listener.bind(address, port);
}

void ForwardProxy::replace(std::shared_ptr<const Clients> clients) {
  impl_->core->clients = std::move(clients);
}

void ForwardProxy::replace(std::shared_ptr<const TlsContext> tls) { impl_->core->tls = std::move(tls); }

Task<> ForwardProxy::serve() {
  auto serve_one = [core = impl_->core](tcp::socket socket) { return serve_client(std::move(socket), core); };
  // Whoever waits without asking for anything makes room for who comes.
  auto end_who_waits_for_longest = [core = impl_->core] {
    core->room_wanted = core->waiting.empty();
    if (!core->waiting.empty()) core->waiting.front()->close();
  };
  net::Listener::Hooks hooks{[this] { stop(); }, end_who_waits_for_longest};
  co_await impl_->listener.serve(serve_one, std::move(hooks));
}

void ForwardProxy::stop() {
  impl_->core->draining = true;
  impl_->listener.close();
  for (ClientStream* stream : impl_->core->waiting) stream->close();
}

std::string ForwardProxy::metrics() const { return impl_->core->log.metrics().text(connections()); }

std::size_t ForwardProxy::connections() const { return impl_->listener.connections(); }

}  // namespace pollux::egress
