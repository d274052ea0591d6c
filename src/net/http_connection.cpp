// SPDX-License-Identifier: Apache-2.0
#include "net/http_connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <utility>

#include "net/http_message.hpp"

namespace pollux::net {
namespace {

namespace beast = boost::beast;
using asio::ip::tcp;
using SslStream = beast::ssl_stream<beast::tcp_stream>;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
// A peer that is told "no" while it still sends gets this much time and room to finish, or the reset that the
// kernel sends for unread bytes would overtake the answer (RFC 9112, 9.6).
constexpr Millis kLinger{2000};
constexpr std::size_t kLingerBytes = 4U << 20;

std::string address_of(const beast::tcp_stream& stream) {
  boost::system::error_code error;
  auto endpoint = stream.socket().remote_endpoint(error);
  if (error) return "";
  return endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
}

template <class Stream>
class Connection {
 public:
  Connection(Stream stream, std::shared_ptr<ServerCore> core)
      : stream_(std::move(stream)), core_(std::move(core)), peer_(address_of(socket())) {}

  Task<> run();

 private:
  beast::tcp_stream& socket() { return beast::get_lowest_layer(stream_); }
  const ServerOptions& options() const { return core_->options; }
  Task<bool> shake_hands();
  Task<bool> wait_for_bytes();
  Task<int> read(std::shared_ptr<Parser> parser);
  Task<bool> answer(std::shared_ptr<Parser> parser);
  Task<bool> send(ServerResponse response, bool head, bool keep_alive);
  Task<ServerResponse> handled(ServerRequest request);
  Task<> misbehave(ServerResponse response, bool head);
  Task<bool> write(std::string_view bytes);
  Task<> refuse(int status);
  Task<> close();
  void reset();

  Stream stream_;
  std::shared_ptr<ServerCore> core_;
  std::string peer_;
  beast::flat_buffer buffer_;
};

template <class Stream>
Task<> Connection<Stream>::run() {
  bool shaken = co_await shake_hands();
  if (!shaken) co_return;
  for (bool first = true;; first = false) {
    if (!first && buffer_.size() == 0) {
      bool more = co_await wait_for_bytes();
      if (!more) break;
    }
    auto parser = std::make_shared<Parser>();
    int fault = co_await read(parser);
    if (fault != 0) {
      if (fault > 0) co_await refuse(fault);
      break;
    }
    bool again = co_await answer(parser);
    if (!again) break;
  }
  co_await close();
}

template <class Stream>
Task<bool> Connection<Stream>::shake_hands() {
  if constexpr (std::is_same_v<Stream, SslStream>) {
    socket().expires_after(options().header_timeout);
    auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kTuple);
    co_return !error;
  }
  co_return true;
}

/// Between two requests; this is where a server that is being stopped cuts the connection.
template <class Stream>
Task<bool> Connection<Stream>::wait_for_bytes() {
  if (core_->draining) co_return false;
  auto place = core_->idle.insert(core_->idle.end(), [this] { socket().close(); });
  socket().expires_after(options().idle_timeout);
  auto space = buffer_.prepare(4096);
  auto [error, count] = co_await stream_.async_read_some(space, kTuple);
  core_->idle.erase(place);
  buffer_.commit(count);
  co_return !error && count > 0;
}

/// Reads one request. 0: it is whole; a status: the peer must be told; -1: there is nobody to tell.
template <class Stream>
Task<int> Connection<Stream>::read(std::shared_ptr<Parser> parser) {
  parser->header_limit(static_cast<std::uint32_t>(options().max_header.count));
  parser->body_limit(options().max_body.count);
  buffer_.max_size(std::max<std::size_t>(options().max_header.count, 4096) + 65536);
  socket().expires_after(options().header_timeout);
  auto [head_error, head_count] = co_await http::async_read_header(stream_, buffer_, *parser, kTuple);
  if (head_error) {
    int status = status_for(head_error);
    co_return status == 0 ? -1 : status;
  }
  const auto& message = parser->get();
  if (message.version() != 10 && message.version() != 11) co_return 505;
  if (message.version() == 11 && message.count(http::field::host) != 1) co_return 400;
  socket().expires_after(options().body_timeout);
  if (beast::iequals(message[http::field::expect], "100-continue") && !parser->is_done()) {
    bool told = co_await write("HTTP/1.1 100 Continue\r\n\r\n");
    if (!told) co_return -1;
  }
  auto [error, count] = co_await http::async_read(stream_, buffer_, *parser, kTuple);
  if (!error) co_return 0;
  int status = status_for(error);
  co_return status == 0 ? -1 : status;
}

/// Whether the connection may serve another request.
template <class Stream>
Task<bool> Connection<Stream>::answer(std::shared_ptr<Parser> parser) {
  auto message = parser->release();
  auto target = parse_target(message.target());
  if (!target) {
    co_await refuse(400);
    co_return false;
  }
  bool head = message.method() == http::verb::head;
  bool keep_alive = message.keep_alive();
  ServerRequest request = as_request(std::move(message), std::move(*target), peer_);
  socket().expires_never();
  ServerResponse response = co_await handled(std::move(request));
  if (response.misbehavior) {
    co_await misbehave(std::move(response), head);
    co_return false;
  }
  keep_alive = keep_alive && !core_->draining;
  bool sent = co_await send(std::move(response), head, keep_alive);
  co_return sent&& keep_alive;
}

template <class Stream>
Task<ServerResponse> Connection<Stream>::handled(ServerRequest request) {
  std::string thrown;
  try {
    co_return co_await core_->handler(std::move(request));
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw;
    thrown = error.what();
  } catch (const std::exception& error) {
    thrown = error.what();
  }
  if (options().on_fault) options().on_fault("a handler threw: " + thrown);
  co_return refusal(500);
}

template <class Stream>
Task<bool> Connection<Stream>::send(ServerResponse response, bool head, bool keep_alive) {
  auto message = as_message(std::move(response), head, keep_alive);
  http::response_serializer<http::string_body> serializer(message);
  socket().expires_after(options().write_timeout);
  // A head alone: its Content-Length speaks of a body that is not sent.
  if (head || !has_body(message.result_int())) {
    auto [error, count] = co_await http::async_write_header(stream_, serializer, kTuple);
    co_return !error;
  }
  auto [error, count] = co_await http::async_write(stream_, serializer, kTuple);
  co_return !error;
}

template <class Stream>
Task<bool> Connection<Stream>::write(std::string_view bytes) {
  auto buffer = asio::buffer(bytes);
  auto [error, count] = co_await asio::async_write(stream_, buffer, kTuple);
  co_return !error;
}

template <class Stream>
Task<> Connection<Stream>::misbehave(ServerResponse response, bool head) {
  Misbehavior how = std::move(*response.misbehavior);
  asio::steady_timer timer(socket().get_executor());
  if (how.delay.count() > 0) {
    timer.expires_after(how.delay);
    co_await timer.async_wait(asio::use_awaitable);
  }
  std::string bytes = how.raw.value_or("");
  if (!how.raw) {
    if (how.stop_after) response.headers.emplace_back("Content-Length", std::to_string(response.body.size()));
    bytes = head_text(response);
    if (!head) bytes += response.body.substr(0, how.stop_after.value_or(response.body.size()));
  }
  std::string_view left = bytes;
  while (!left.empty()) {
    std::size_t size = how.drip == 0 ? left.size() : std::min(how.drip, left.size());
    socket().expires_after(options().write_timeout);
    bool sent = co_await write(left.substr(0, size));
    if (!sent) co_return;
    left.remove_prefix(size);
    if (how.drip == 0 || left.empty()) continue;
    timer.expires_after(how.drip_pause);
    co_await timer.async_wait(asio::use_awaitable);
  }
  if (how.end == Misbehavior::End::kStall) {
    timer.expires_after(how.stall);
    co_await timer.async_wait(asio::use_awaitable);
  }
  if (how.end == Misbehavior::End::kReset) reset();
}

template <class Stream>
Task<> Connection<Stream>::refuse(int status) {
  ServerResponse response = refusal(status);
  co_await send(std::move(response), false, false);
}

template <class Stream>
void Connection<Stream>::reset() {
  boost::system::error_code ignored;
  socket().socket().set_option(asio::socket_base::linger(true, 0), ignored);
  socket().socket().close(ignored);
}

template <class Stream>
Task<> Connection<Stream>::close() {
  socket().expires_after(kLinger);
  if constexpr (std::is_same_v<Stream, SslStream>) {
    co_await stream_.async_shutdown(kTuple);
  }
  boost::system::error_code error;
  socket().socket().shutdown(tcp::socket::shutdown_send, error);
  std::array<char, 8192> sink{};
  for (std::size_t read = 0; !error && read < kLingerBytes && !core_->draining;) {
    auto space = asio::buffer(sink);
    auto [read_error, count] = co_await socket().async_read_some(space, kTuple);
    error = read_error;
    read += count;
  }
  socket().close();
}

}  // namespace

Task<> serve_plain(tcp::socket socket, std::shared_ptr<ServerCore> core) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  Connection<beast::tcp_stream> connection(beast::tcp_stream(std::move(socket)), std::move(core));
  co_await connection.run();
}

Task<> serve_tls(tcp::socket socket, std::shared_ptr<ServerCore> core) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  auto& context = *core->tls;
  Connection<SslStream> connection(SslStream(std::move(socket), context), std::move(core));
  co_await connection.run();
}

}  // namespace pollux::net
