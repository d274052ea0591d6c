// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <utility>

#include "net/http_connection.hpp"
#include "net/listener.hpp"

namespace pollux::net {
namespace {

using asio::ip::tcp;

Result<asio::ssl::context> tls_context(const ServerOptions::Tls& files) {
  asio::ssl::context context(asio::ssl::context::tls_server);
  boost::system::error_code error;
  context.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, error);
  if (!error) context.use_certificate_chain_file(files.certificate.string(), error);
  if (error) {
    return fail(ErrorKind::kUsage, "certificate " + files.certificate.string() + ": " + error.message());
  }
  context.use_private_key_file(files.key.string(), asio::ssl::context::pem, error);
  if (error) return fail(ErrorKind::kUsage, "key " + files.key.string() + ": " + error.message());
  return context;
}

}  // namespace

std::optional<std::string> ServerRequest::query_value(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

struct HttpServer::Impl {
  Impl(asio::io_context& io, Handler handler, ServerOptions options)
      : core(std::make_shared<ServerCore>()), listener(io, options.max_connections, options.on_fault) {
    core->handler = std::move(handler);
    core->options = std::move(options);
  }

  std::shared_ptr<ServerCore> core;
  Listener listener;
};

HttpServer::HttpServer(asio::io_context& io, Handler handler, ServerOptions options)
    : impl_(std::make_unique<Impl>(io, std::move(handler), std::move(options))) {}

HttpServer::~HttpServer() = default;

Result<std::uint16_t> HttpServer::bind(const std::string& host, std::uint16_t port) {
  auto& core = *impl_->core;
  if (core.options.tls && !core.tls) {
    auto context = tls_context(*core.options.tls);
    if (!context) return std::unexpected(context.error());
    core.tls.emplace(std::move(*context));
  }
  return impl_->listener.bind(host, port);
}

Result<std::uint16_t> HttpServer::bind_first_free(const std::string& host, std::uint16_t from, int tries) {
  Result<std::uint16_t> bound = fail(ErrorKind::kUsage, "no port to try");
  for (int i = 0; i < tries && from + i <= 65535; ++i) {
    bound = bind(host, static_cast<std::uint16_t>(from + i));
    if (bound || bound.error().kind == ErrorKind::kUsage) break;
  }
  return bound;
}

Task<> HttpServer::serve() {
  auto serve_one = [core = impl_->core](tcp::socket socket) {
    return core->tls ? serve_tls(std::move(socket), core) : serve_plain(std::move(socket), core);
  };
  Listener::Hooks hooks{[this] { stop(); }, {}};
  co_await impl_->listener.serve(serve_one, std::move(hooks));
}

void HttpServer::stop() {
  impl_->core->draining = true;
  impl_->listener.close();
  for (const auto& close : impl_->core->idle) close();
}

std::size_t HttpServer::connections() const { return impl_->listener.connections(); }

}  // namespace pollux::net
