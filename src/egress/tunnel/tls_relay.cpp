// SPDX-License-Identifier: Apache-2.0
#include "egress/tunnel/tls_relay.hpp"

#include <boost/asio/post.hpp>
#include <memory>
#include <optional>
#include <span>

#include "egress/tunnel/until_over.hpp"

namespace pollux::egress {
namespace {

using asio::ip::tcp;
using Code = boost::system::error_code;
using SteadyTime = std::chrono::steady_clock::time_point;

// A bulk transfer lets others have their turn after so many pieces.
constexpr int kPieces = 16;

// Handlers hold it alive; once it is over they touch neither socket nor session, which may be gone by then.
class TlsRelay : public std::enable_shared_from_this<TlsRelay> {
 public:
  TlsRelay(tcp::socket& client, TlsSession& tls, tcp::socket& server, Buffers& buffers,
           std::uint64_t most_bytes, asio::steady_timer& over)
      : client_(client),
        tls_(tls),
        server_(server),
        buffers_(buffers),
        most_bytes_(most_bytes),
        over_(over) {}

  void begin() {
    Code error;
    client_.native_non_blocking(true, error);
    if (!error) server_.native_non_blocking(true, error);
    if (error) return end(Relayed::End::kReset);
    // The session may hold bytes that the socket will never again be readable for.
    later(up_);
    later(down_);
  }

  /// Once, whatever comes first.
  void end(Relayed::End how) {
    if (over()) return;
    relayed_ = {how, up_.moved, down_.moved};
    for (tcp::socket* socket : {&client_, &server_}) {
      Code ignored;
      // Who is cut off shall see it: an end would pass for a whole answer.
      if (how != Relayed::End::kBoth) socket->set_option(asio::socket_base::linger(true, 0), ignored);
      socket->close(ignored);
    }
    drop(up_);
    drop(down_);
    over_.cancel();
  }

  bool over() const { return relayed_.has_value(); }
  const Relayed& relayed() const { return *relayed_; }
  SteadyTime last() const { return last_; }

 private:
  struct Half {
    bool up = false;  // from the client
    std::unique_ptr<Buffer> buffer = nullptr;
    std::span<const char> held = {};  // in the buffer, not yet with the other side
    std::uint64_t moved = 0;
    bool ended = false;  // no more will come
    bool told = false;   // and the other side knows
  };

  void drop(Half& half) {
    if (half.buffer) buffers_.give_back(std::move(half.buffer));
  }

  void later(Half& half) {
    asio::post(client_.get_executor(), [self = shared_from_this(), &half] {
      if (self->over()) return;
      self->last_ = std::chrono::steady_clock::now();
      self->move(half);
    });
  }

  void wait(Half& half, tcp::socket& socket, Want want) {
    // Without a byte under way it waits without a buffer.
    if (half.held.empty()) drop(half);
    socket.async_wait(want == Want::kRead ? tcp::socket::wait_read : tcp::socket::wait_write,
                      [self = shared_from_this(), &half](Code error) {
                        if (self->over()) return;
                        if (error) return self->end(Relayed::End::kReset);
                        self->last_ = std::chrono::steady_clock::now();
                        self->move(half);
                      });
  }

  void move(Half& half) {
    for (int piece = 0; piece < kPieces; ++piece) {
      if (half.held.empty() && !half.ended && !fill(half)) return;
      if (half.ended) return tell(half);
      if (!drain(half)) return;
    }
    later(half);
  }

  // From the one side into the buffer; false where there is nothing to go on with now.
  bool fill(Half& half) {
    if (!half.buffer) half.buffer = buffers_.borrow();
    const Step step = half.up ? tls_.read(*half.buffer) : receive(server_.native_handle(), *half.buffer);
    if (step.want != Want::kNothing) return wait(half, half.up ? client_ : server_, step.want), false;
    if (step.error == asio::error::eof) {
      half.ended = true;
      return true;
    }
    if (step.error) return end(Relayed::End::kReset), false;
    half.held = std::span(*half.buffer).first(step.count);
    return true;
  }

  // From the buffer to the other side; false where that is full, or all is over.
  bool drain(Half& half) {
    while (!half.held.empty()) {
      const Step step = half.up ? to_server(half.held) : tls_.write(half.held);
      if (step.want != Want::kNothing) return wait(half, half.up ? server_ : client_, step.want), false;
      if (step.error) return end(Relayed::End::kReset), false;
      half.held = half.held.subspan(step.count);
      half.moved += step.count;
      if (most_bytes_ > 0 && up_.moved + down_.moved > most_bytes_) return end(Relayed::End::kTooMuch), false;
    }
    return true;
  }

  Step to_server(std::span<const char> bytes) {
    const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
    return send(server_.native_handle(), {&piece, 1});
  }

  void tell(Half& half) {
    drop(half);
    if (half.up) {
      Code ignored;
      server_.shutdown(tcp::socket::shutdown_send, ignored);
    } else {
      // One who no longer listens has missed nothing.
      const Step step = tls_.shut();
      if (step.want != Want::kNothing) return wait(half, client_, step.want);
    }
    half.told = true;
    if (up_.told && down_.told) end(Relayed::End::kBoth);
  }

  tcp::socket& client_;
  TlsSession& tls_;
  tcp::socket& server_;
  Buffers& buffers_;
  std::uint64_t most_bytes_;
  asio::steady_timer& over_;
  Half up_{.up = true};
  Half down_{};
  SteadyTime last_ = std::chrono::steady_clock::now();
  std::optional<Relayed> relayed_;
};

}  // namespace

Task<Relayed> relay(tcp::socket& client, TlsSession& tls, tcp::socket& server, Buffers& buffers,
                    RelayLimits limits) {
  asio::steady_timer over(co_await asio::this_coro::executor);
  auto both = std::make_shared<TlsRelay>(client, tls, server, buffers, limits.most_bytes, over);
  both->begin();
  co_return co_await until_over(both, over, limits.idle);
}

}  // namespace pollux::egress
