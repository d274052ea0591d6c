// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/client_stream.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>

#include "egress/tunnel/buffers.hpp"

namespace pollux::egress {

using asio::ip::tcp;
using Code = ClientStream::Code;

ClientStream::ClientStream(tcp::socket socket) : state_(std::make_shared<State>(std::move(socket))) {
  Code ignored;
  state_->socket.set_option(tcp::no_delay(true), ignored);
  state_->socket.native_non_blocking(true, ignored);
}

void ClientStream::expires_after(Millis limit) {
  state_->deadline = std::chrono::steady_clock::now() + limit;
  state_->late = false;
}

Task<Code> ClientStream::readable() {
  auto attempt = [waited = false](State& state) mutable {
    if (!state.socket.is_open()) return Step{Want::kNothing, asio::error::operation_aborted, 0};
    return Step{std::exchange(waited, true) ? Want::kNothing : Want::kRead, {}, 0};
  };
  auto [error, count] = co_await run(attempt, asio::as_tuple(asio::use_awaitable));
  co_return error;
}

Task<Code> ClientStream::shake_hands(SSL_CTX* context) {
  state_->tls.emplace(context, state_->socket.native_handle());
  auto attempt = [](State& state) { return state.handshake(); };
  auto [error, count] = co_await run(attempt, asio::as_tuple(asio::use_awaitable));
  co_return error;
}

void ClientStream::finish() {
  if (!state_->socket.is_open() || std::exchange(state_->finished, true)) return;
  if (state_->tls) state_->tls->shut();
  Code ignored;
  state_->socket.shutdown(tcp::socket::shutdown_send, ignored);
}

Task<> ClientStream::linger() {
  constexpr Millis kFor{1000};
  constexpr std::size_t kMost = 1024 * 1024;
  finish();
  const auto until = std::chrono::steady_clock::now() + kFor;
  const auto dropped = std::make_unique<std::array<char, 16 * 1024>>();
  for (std::size_t come = 0; come < kMost;) {
    const auto left = std::chrono::duration_cast<Millis>(until - std::chrono::steady_clock::now());
    if (left <= Millis(0)) break;
    expires_after(left);
    auto space = asio::buffer(*dropped);
    auto [error, count] = co_await async_read_some(space, asio::as_tuple(asio::use_awaitable));
    if (error) break;
    come += count;
  }
}

void ClientStream::close() {
  Code ignored;
  state_->socket.close(ignored);
}

void ClientStream::reset() {
  Code ignored;
  state_->socket.set_option(asio::socket_base::linger(true, 0), ignored);
  close();
}

tcp::socket ClientStream::release_socket() {
  state_->timer.cancel();
  return std::move(state_->socket);
}

// A closed socket's number is soon somebody else's: the session must not use it.
Step ClientStream::State::handshake() {
  if (!socket.is_open()) return {Want::kNothing, asio::error::operation_aborted, 0};
  return tls->handshake();
}

Step ClientStream::State::read(std::span<char> into) {
  if (into.empty()) return {};
  if (!socket.is_open()) return {Want::kNothing, asio::error::operation_aborted, 0};
  // A session that has said its last word must not answer what it reads.
  return tls && !finished ? tls->read(into) : receive(socket.native_handle(), into);
}

Step ClientStream::State::write(std::span<const iovec> pieces) {
  if (pieces.empty()) return {};
  if (!socket.is_open()) return {Want::kNothing, asio::error::operation_aborted, 0};
  if (!tls) return send(socket.native_handle(), pieces);
  if (pieces.size() == 1)
    return tls->write({static_cast<const char*>(pieces[0].iov_base), pieces[0].iov_len});
  // One record of what would be many small ones.
  Buffer record;
  std::size_t size = 0;
  for (const iovec& piece : pieces) {
    const std::size_t some = std::min(piece.iov_len, record.size() - size);
    std::memcpy(record.data() + size, piece.iov_base, some);
    size += some;
  }
  return tls->write(std::span(record).first(size));
}

void ClientStream::State::arm() {
  waiting = true;
  if (deadline == std::chrono::steady_clock::time_point::max()) return;
  if (armed && timer.expiry() <= deadline) return;
  armed = true;
  timer.expires_at(deadline);
  timer.async_wait([weak = weak_from_this()](Code error) {
    const std::shared_ptr<State> state = weak.lock();
    if (!error && state) state->fired();
  });
}

void ClientStream::State::fired() {
  armed = false;
  if (!waiting) return;
  if (std::chrono::steady_clock::now() < deadline) return arm();
  late = true;
  Code ignored;
  socket.cancel(ignored);
}

}  // namespace pollux::egress
