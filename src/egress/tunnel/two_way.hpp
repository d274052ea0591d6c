#pragma once
// SPDX-License-Identifier: Apache-2.0
// A tunnel's two ways, whatever carries the bytes: whose turn it is, what is waited for, and when it is over.
// A way takes bytes from one socket to the other by steps that do not block. Private to this folder; io
// thread.
//
//   static constexpr int kPieces      a bulk transfer lets others have their turn after so many
//   static constexpr bool kBuffered   bytes may have come that the socket will never again be readable for
//   tcp::socket& from, & to
//   Step fill(std::size_t most)       takes bytes in; eof: no more will come
//   bool may_have_more() const        after a fill: the sender is worth asking again at once
//   std::size_t held() const          bytes that are under way
//   Step drain()                      hands bytes on
//   Step tell_end()                   that no more will come
//   void rest()                       gives back what it has borrowed

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "egress/tunnel/relay.hpp"
#include "egress/tunnel/step.hpp"

namespace pollux::egress {

// Handlers hold it alive; once it is over they touch neither way, whose sockets may be gone by then.
template <class Up, class Down>
class TwoWay : public std::enable_shared_from_this<TwoWay<Up, Down>> {
 public:
  using tcp = asio::ip::tcp;
  using Code = boost::system::error_code;

  /// `up` comes from the client, `down` goes to it. All that they refer to outlives it.
  TwoWay(Up up, Down down, RelayLimits limits)
      : up_{std::move(up)}, down_{std::move(down)}, limits_(limits), timer_(up_.way.from.get_executor()) {}

  void begin() {
    Code error;
    for (tcp::socket* socket : {&up_.way.from, &up_.way.to}) {
      if (!error && !socket->native_non_blocking()) socket->native_non_blocking(true, error);
    }
    if (error) return end(Relayed::End::kReset);
    begin(up_);
    begin(down_);
  }

  /// Once, whatever comes first.
  void end(Relayed::End how) {
    if (over()) return;
    relayed_ = {how, up_.moved, down_.moved};
    for (tcp::socket* socket : {&up_.way.from, &up_.way.to}) {
      Code ignored;
      // Who is cut off shall see it: an end would pass for a whole answer.
      if (how != Relayed::End::kBoth) socket->set_option(asio::socket_base::linger(true, 0), ignored);
      socket->close(ignored);
    }
    up_.way.rest();
    down_.way.rest();
    timer_.cancel();
  }

  bool over() const { return relayed_.has_value(); }
  const Relayed& relayed() const { return *relayed_; }
  /// When nothing will have moved for too long, if nothing does until then.
  std::chrono::steady_clock::time_point idle_at() const { return last_ + limits_.idle; }
  /// Canceled when it is over.
  asio::steady_timer& timer() { return timer_; }

 private:
  template <class Way>
  struct Half {
    Way way;
    std::uint64_t moved = 0;
    bool ended = false;  // no more will come
    bool told = false;   // and the other side knows
  };

  template <class Way>
  void begin(Half<Way>& half) {
    if (Way::kBuffered) return later(half);
    wait(half, half.way.from, Want::kRead);
  }

  template <class Way>
  void later(Half<Way>& half) {
    asio::post(half.way.from.get_executor(), [self = this->shared_from_this(), &half] {
      if (!self->over()) self->move(half);
    });
  }

  template <class Way>
  void wait(Half<Way>& half, tcp::socket& socket, Want want) {
    // Without a byte under way it holds nothing.
    if (half.way.held() == 0) half.way.rest();
    socket.async_wait(want == Want::kRead ? tcp::socket::wait_read : tcp::socket::wait_write,
                      [self = this->shared_from_this(), &half](Code error) {
                        if (self->over()) return;
                        if (error) return self->end(Relayed::End::kReset);
                        self->move(half);
                      });
  }

  template <class Way>
  void move(Half<Way>& half) {
    last_ = std::chrono::steady_clock::now();
    for (int piece = 0; piece < Way::kPieces; ++piece) {
      if (half.way.held() == 0 && !half.ended && !fill(half)) return;
      if (half.ended) return tell(half);
      if (!drain(half)) return;
      if (!half.way.may_have_more()) return wait(half, half.way.from, Want::kRead);
    }
    later(half);
  }

  std::uint64_t moved() const { return up_.moved + down_.moved; }

  // One more than is allowed is enough to see that it is too much. Beyond the bound it is over: never 0,
  // which splice(2) would answer as it answers an end.
  std::size_t most_now() const {
    constexpr std::uint64_t kAny = std::numeric_limits<std::size_t>::max() - 1;
    return (limits_.most_bytes == 0 ? kAny : std::min(kAny, limits_.most_bytes - moved())) + 1;
  }

  // False where there is nothing to go on with now.
  template <class Way>
  bool fill(Half<Way>& half) {
    const Step step = half.way.fill(most_now());
    if (step.want != Want::kNothing) return wait(half, half.way.from, step.want), false;
    half.ended = step.error == asio::error::eof;
    if (step.error && !half.ended) return end(Relayed::End::kReset), false;
    return true;
  }

  // False where the other side is full, or all is over.
  template <class Way>
  bool drain(Half<Way>& half) {
    while (half.way.held() > 0) {
      const Step step = half.way.drain();
      if (step.want != Want::kNothing) return wait(half, half.way.to, step.want), false;
      if (step.error) return end(Relayed::End::kReset), false;
      half.moved += step.count;
      if (limits_.most_bytes > 0 && moved() > limits_.most_bytes) return end(Relayed::End::kTooMuch), false;
    }
    return true;
  }

  template <class Way>
  void tell(Half<Way>& half) {
    half.way.rest();
    // One who no longer listens has missed nothing: an error is none.
    const Step step = half.way.tell_end();
    if (step.want != Want::kNothing) return wait(half, half.way.to, step.want);
    half.told = true;
    if (up_.told && down_.told) end(Relayed::End::kBoth);
  }

  Half<Up> up_;
  Half<Down> down_;
  RelayLimits limits_;
  asio::steady_timer timer_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  std::optional<Relayed> relayed_;
};

}  // namespace pollux::egress
