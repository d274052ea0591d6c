// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/string.hpp>
#include <utility>

#include "net/http_connection.hpp"
#include "net/task_group.hpp"

namespace pollux::net {
namespace {

using asio::ip::tcp;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr Millis kBackoffFrom{10};
constexpr Millis kBackoffTo{1000};

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

boost::system::error_code open_at(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  boost::system::error_code error;
  boost::system::error_code ignored;
  acceptor.close(ignored);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) acceptor.close(ignored);
  return error;
}

}  // namespace

std::string_view find_header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (boost::beast::iequals(key, name)) return value;
  }
  return {};
}

std::optional<std::string> ServerRequest::query_value(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

struct HttpServer::Impl {
  Impl(asio::io_context& context, Handler handler, ServerOptions options)
      : io(context),
        core(std::make_shared<ServerCore>()),
        acceptor(context),
        group(context.get_executor(), options.max_connections, options.on_fault) {
    core->handler = std::move(handler);
    core->options = std::move(options);
  }

  void report(const std::string& what) const {
    if (core->options.on_fault) core->options.on_fault(what);
  }

  Task<> accept_until_closed();

  asio::io_context& io;
  std::shared_ptr<ServerCore> core;
  tcp::acceptor acceptor;
  TaskGroup group;
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
  boost::system::error_code error;
  auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  std::string place = host + ":" + std::to_string(port);
  if (error)
    return fail(ErrorKind::kNetwork, "cannot listen at " + place + ": not an IP address or localhost");
  error = open_at(impl_->acceptor, {address, port});
  if (error) return fail(ErrorKind::kNetwork, "cannot listen at " + place + ": " + error.message());
  return impl_->acceptor.local_endpoint().port();
}

Result<std::uint16_t> HttpServer::bind_first_free(const std::string& host, std::uint16_t from, int tries) {
  Result<std::uint16_t> bound = fail(ErrorKind::kUsage, "no port to try");
  for (int i = 0; i < tries && from + i <= 65535; ++i) {
    bound = bind(host, static_cast<std::uint16_t>(from + i));
    if (bound || bound.error().kind == ErrorKind::kUsage) break;
  }
  return bound;
}

Task<> HttpServer::Impl::accept_until_closed() {
  Millis backoff = kBackoffFrom;
  while (acceptor.is_open()) {
    co_await group.room();
    if (!acceptor.is_open()) break;
    auto [error, socket] = co_await acceptor.async_accept(kTuple);
    if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) break;
    if (!error) {
      backoff = kBackoffFrom;
      Task<> task = core->tls ? serve_tls(std::move(socket), core) : serve_plain(std::move(socket), core);
      if (!group.spawn(std::move(task))) break;
      continue;
    }
    // Out of file descriptors (EMFILE) or memory: accepting again at once would only burn the CPU.
    report("accept: " + error.message());
    asio::steady_timer timer(io, backoff);
    backoff = std::min(backoff * 2, kBackoffTo);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

Task<> HttpServer::serve() {
  bool cut = false;
  try {
    co_await impl_->accept_until_closed();
    co_await impl_->group.join();
  } catch (const boost::system::system_error&) {
    cut = true;
  }
  auto state = co_await asio::this_coro::cancellation_state;
  if (cut || state.cancelled() != asio::cancellation_type::none) {
    stop();
    impl_->group.cancel_all();
    // A canceled coroutine cannot wait; the connections' ends must be waited for all the same.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await impl_->group.join();
  }
}

void HttpServer::stop() {
  impl_->core->draining = true;
  boost::system::error_code ignored;
  impl_->acceptor.close(ignored);
  for (const auto& close : impl_->core->idle) close();
}

std::size_t HttpServer::connections() const { return impl_->group.size(); }

}  // namespace pollux::net
