// SPDX-License-Identifier: Apache-2.0
#include "egress/tunnel/relay.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <memory>
#include <optional>

#include "egress/tunnel/until_over.hpp"

namespace pollux::egress {
namespace {

using asio::ip::tcp;
using SteadyTime = std::chrono::steady_clock::time_point;

// A bulk transfer lets others have their turn after so many pieces.
constexpr int kPieces = 4;
// After fewer bytes the sender has most likely nothing more to say now: one waits without asking it again.
constexpr std::size_t kShort = 4 * 1024;

// Handlers hold it alive; once it is over they touch neither socket, which may be gone by then.
class Relay : public std::enable_shared_from_this<Relay> {
 public:
  Relay(tcp::socket& client, tcp::socket& server, Pipes& pipes, std::uint64_t most_bytes,
        asio::steady_timer& over)
      : up_{client, server}, down_{server, client}, pipes_(pipes), most_bytes_(most_bytes), over_(over) {}

  void begin() {
    boost::system::error_code error;
    if (!up_.from.native_non_blocking()) up_.from.native_non_blocking(true, error);
    if (!error && !down_.from.native_non_blocking()) down_.from.native_non_blocking(true, error);
    if (error) return end(Relayed::End::kReset);
    wait_for_bytes(up_);
    wait_for_bytes(down_);
  }

  /// Once, whatever comes first.
  void end(Relayed::End how) {
    if (over()) return;
    relayed_ = {how, up_.moved, down_.moved};
    // Who is cut off shall see it: an end would pass for a whole answer.
    if (how != Relayed::End::kBoth) {
      reset(up_.from);
      reset(down_.from);
    }
    boost::system::error_code ignored;
    up_.from.close(ignored);
    down_.from.close(ignored);
    over_.cancel();
  }

  bool over() const { return relayed_.has_value(); }
  const Relayed& relayed() const { return *relayed_; }
  SteadyTime last() const { return last_; }

 private:
  struct Half {
    tcp::socket& from;
    tcp::socket& to;
    Pipe pipe = {};
    std::size_t held = 0;  // bytes in the pipe
    std::uint64_t moved = 0;
    bool ended = false;
  };

  static void reset(tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.set_option(asio::socket_base::linger(true, 0), ignored);
  }

  void wait_for_bytes(Half& half) {
    if (half.pipe.is_open()) pipes_.give_back(std::move(half.pipe));
    half.pipe = {};
    wait(half, half.from, tcp::socket::wait_read);
  }

  void wait(Half& half, tcp::socket& socket, tcp::socket::wait_type what) {
    socket.async_wait(what, [self = shared_from_this(), &half](boost::system::error_code error) {
      if (self->over()) return;
      if (error) return self->end(Relayed::End::kReset);
      self->move(half);
    });
  }

  void move(Half& half) {
    last_ = std::chrono::steady_clock::now();
    for (int piece = 0; piece < kPieces; ++piece) {
      if (half.held == 0 && !fill(half)) return;
      const bool is_short = half.held < kShort;
      if (!drain(half)) return;
      if (is_short) return wait_for_bytes(half);
    }
    asio::post(half.from.get_executor(), [self = shared_from_this(), &half] {
      if (!self->over()) self->move(half);
    });
  }

  // One more than is allowed is enough to see that it is too much. Beyond the bound it is over: never 0,
  // which splice(2) would answer as it answers an end.
  std::size_t most_now() const {
    if (most_bytes_ == 0) return kPipeSize;
    return std::min<std::uint64_t>(kPipeSize - 1, most_bytes_ - (up_.moved + down_.moved)) + 1;
  }

  // From the socket into the pipe; false where there is nothing to go on with now.
  bool fill(Half& half) {
    if (!half.pipe.is_open()) {
      auto pipe = pipes_.borrow();
      if (!pipe) return end(Relayed::End::kNoPipe), false;
      half.pipe = std::move(*pipe);
    }
    const ssize_t count = splice_some(half.from.native_handle(), half.pipe.write_end(), most_now());
    if (count > 0) {
      half.held = static_cast<std::size_t>(count);
      return true;
    }
    if (count == 0) return end_half(half), false;
    if (errno == EAGAIN) return wait_for_bytes(half), false;
    return end(Relayed::End::kReset), false;
  }

  // From the pipe into the other socket; false where that is full, or all is over.
  bool drain(Half& half) {
    while (half.held > 0) {
      const ssize_t count = splice_some(half.pipe.read_end(), half.to.native_handle(), half.held);
      if (count < 0 && errno == EAGAIN) return wait(half, half.to, tcp::socket::wait_write), false;
      if (count <= 0) return end(Relayed::End::kReset), false;
      half.held -= static_cast<std::size_t>(count);
      half.moved += static_cast<std::uint64_t>(count);
      if (most_bytes_ > 0 && up_.moved + down_.moved > most_bytes_) return end(Relayed::End::kTooMuch), false;
    }
    return true;
  }

  void end_half(Half& half) {
    half.ended = true;
    pipes_.give_back(std::move(half.pipe));
    half.pipe = {};
    boost::system::error_code error;
    half.to.shutdown(tcp::socket::shutdown_send, error);
    if (up_.ended && down_.ended) end(Relayed::End::kBoth);
  }

  static ssize_t splice_some(int from, int to, std::size_t most) {
    ssize_t count = 0;
    do {
      count = ::splice(from, nullptr, to, nullptr, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    } while (count < 0 && errno == EINTR);
    return count;
  }

  Half up_;
  Half down_;
  Pipes& pipes_;
  std::uint64_t most_bytes_;
  asio::steady_timer& over_;
  SteadyTime last_ = std::chrono::steady_clock::now();
  std::optional<Relayed> relayed_;
};

}  // namespace

std::string_view name(Relayed::End end) {
  switch (end) {
    case Relayed::End::kBoth:
      return "ended";
    case Relayed::End::kReset:
      return "reset";
    case Relayed::End::kIdle:
      return "idle";
    case Relayed::End::kTooMuch:
      return "too_many_bytes";
    case Relayed::End::kNoPipe:
      break;
  }
  return "no_descriptor";
}

Task<Relayed> relay(tcp::socket& client, tcp::socket& server, Pipes& pipes, RelayLimits limits) {
  asio::steady_timer over(co_await asio::this_coro::executor);
  auto both = std::make_shared<Relay>(client, server, pipes, limits.most_bytes, over);
  both->begin();
  co_return co_await until_over(both, over, limits.idle);
}

}  // namespace pollux::egress
