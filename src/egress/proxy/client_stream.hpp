#pragma once
// SPDX-License-Identifier: Apache-2.0
// A client's connection, plain or under TLS, as Beast and Asio take it (an AsyncStream). One type for both,
// so that all that reads and writes is compiled once. One operation at a time, each with the deadline that
// was set last: beast::error::timeout. io thread.

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/error.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "egress/tunnel/step.hpp"
#include "egress/tunnel/tls_session.hpp"
#include "net/task.hpp"

namespace pollux::egress {

class ClientStream {
 public:
  using executor_type = asio::any_io_executor;
  using Code = boost::system::error_code;

  explicit ClientStream(asio::ip::tcp::socket socket);

  executor_type get_executor() { return state_->socket.get_executor(); }
  asio::ip::tcp::socket& socket() { return state_->socket; }
  const std::optional<TlsSession>& tls() const { return state_->tls; }

  /// Of every operation from now on, counted from now.
  void expires_after(Millis limit);

  /// There is something to read, or an end. Of the socket: before TLS.
  Task<Code> readable();
  /// TLS from here on, as the server.
  Task<Code> shake_hands(SSL_CTX* context);

  template <class MutableBuffers, class Token>
  auto async_read_some(const MutableBuffers& buffers, Token&& token) {
    std::span<char> into;
    for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers); ++at) {
      const asio::mutable_buffer buffer(*at);
      into = {static_cast<char*>(buffer.data()), buffer.size()};
      if (!into.empty()) break;
    }
    return run([into](State& state) { return state.read(into); }, std::forward<Token>(token));
  }

  template <class ConstBuffers, class Token>
  auto async_write_some(const ConstBuffers& buffers, Token&& token) {
    std::array<iovec, kPieces> pieces;
    std::size_t count = 0;
    for (auto at = asio::buffer_sequence_begin(buffers);
         at != asio::buffer_sequence_end(buffers) && count < kPieces; ++at) {
      const asio::const_buffer buffer(*at);
      if (buffer.size() > 0) pieces[count++] = {const_cast<void*>(buffer.data()), buffer.size()};
    }
    return run([pieces, count](State& state) { return state.write(std::span(pieces).first(count)); },
               std::forward<Token>(token));
  }

  /// Says that no more will come, as far as that can be said at once. What is still read is not deciphered.
  void finish();
  /// The same, and drops what still comes, for a second and so many bytes: a socket that is closed upon
  /// unread bytes is reset, and what was last said is lost with it (RFC 9112, 9.6).
  Task<> linger();
  /// What waits ends at once; the other side sees an end.
  void close();
  /// The same, and the other side sees that it was cut.
  void reset();

  /// For a tunnel, which goes on with the socket and, where there is one, the session.
  asio::ip::tcp::socket release_socket();
  std::optional<TlsSession> release_tls() { return std::exchange(state_->tls, std::nullopt); }

 private:
  static constexpr std::size_t kPieces = 8;

  struct State : std::enable_shared_from_this<State> {
    explicit State(asio::ip::tcp::socket taken) : socket(std::move(taken)), timer(socket.get_executor()) {}

    Step handshake();
    Step read(std::span<char> into);
    Step write(std::span<const iovec> pieces);
    /// A wait begins; it ends by `deadline` at the latest.
    void arm();
    void fired();

    asio::ip::tcp::socket socket;
    std::optional<TlsSession> tls;
    asio::steady_timer timer;  // set anew only when it fires, or the deadline comes before it
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
    bool armed = false;
    bool waiting = false;
    bool late = false;
    bool finished = false;
  };

  // Tries, waits, tries again.
  template <class Attempt>
  struct Operation {
    std::shared_ptr<State> state;
    Attempt attempt;
    enum class At { kFirst, kWaited, kPosted } at = At::kFirst;
    Step step = {};

    template <class Self>
    void operator()(Self& self, Code error = {}) {
      if (at == At::kWaited) {
        state->waiting = false;
        if (state->late) error = boost::beast::error::timeout;
        if (error) return self.complete(error, 0);
      }
      if (at != At::kPosted) {
        step = attempt(*state);
        if (step.want != Want::kNothing) return wait(self);
        if (at == At::kFirst) {
          at = At::kPosted;  // never from within the call that begins it
          auto executor = state->socket.get_executor();
          return asio::post(executor, std::move(self));
        }
      }
      self.complete(step.error, step.count);
    }

    template <class Self>
    void wait(Self& self) {
      at = At::kWaited;
      state->arm();
      asio::ip::tcp::socket& socket = state->socket;
      socket.async_wait(step.want == Want::kRead ? socket.wait_read : socket.wait_write, std::move(self));
    }
  };

  template <class Attempt, class Token>
  auto run(Attempt attempt, Token&& token) {
    return asio::async_compose<Token, void(Code, std::size_t)>(Operation<Attempt>{state_, std::move(attempt)},
                                                               token, state_->socket);
  }

  std::shared_ptr<State> state_;
};

}  // namespace pollux::egress
