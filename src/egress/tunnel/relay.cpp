// SPDX-License-Identifier: Apache-2.0
#include "egress/tunnel/relay.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include "egress/tunnel/two_way.hpp"
#include "egress/tunnel/until_over.hpp"

namespace pollux::egress {
namespace {

using asio::ip::tcp;

// After fewer bytes the sender has most likely nothing more to say now: one waits without asking it again.
constexpr std::size_t kShort = 4 * 1024;

// Where no pipe is to be had the bytes are copied: nobody waits for who does not read.
class SpliceWay {
 public:
  static constexpr int kPieces = 4;
  static constexpr bool kBuffered = false;

  SpliceWay(tcp::socket& sender, tcp::socket& receiver, Pipes& pipes, Buffers& buffers)
      : from(sender), to(receiver), pipes_(pipes), copied_(buffers) {}

  Step fill(std::size_t most) {
    if (!pipe_) pipe_ = pipes_.borrow();
    Step step;
    if (pipe_) {
      step = splice(from.native_handle(), pipe_->write_end(), std::min(most, kPipeSize), Want::kRead);
      piped_ = step.count;
    } else {
      step = receive(from.native_handle(), copied_.space(most));
      copied_.came(step.count);
    }
    came_ = step.count;
    return step;
  }
  bool may_have_more() const { return came_ >= kShort; }
  std::size_t held() const { return piped_ + copied_.held().size(); }
  Step drain() {
    if (piped_ > 0) {
      const Step step = splice(pipe_->read_end(), to.native_handle(), piped_, Want::kWrite);
      piped_ -= step.count;
      return step;
    }
    const Step step = send(to.native_handle(), copied_.held());
    copied_.went(step.count);
    return step;
  }
  Step tell_end() {
    Step step;
    to.shutdown(tcp::socket::shutdown_send, step.error);
    return step;
  }
  void rest() {
    if (pipe_) pipes_.give_back(std::move(*pipe_), piped_ == 0);
    pipe_.reset();
    piped_ = 0;
    copied_.rest();
  }

  tcp::socket& from;
  tcp::socket& to;

 private:
  Pipes& pipes_;
  std::optional<Pipe> pipe_;
  BorrowedBytes copied_;
  std::size_t piped_ = 0;  // bytes in the pipe
  std::size_t came_ = 0;   // at the last fill
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
      break;
  }
  return "too_many_bytes";
}

Task<Relayed> relay(tcp::socket& client, tcp::socket& server, Pipes& pipes, Buffers& buffers,
                    RelayLimits limits) {
  return until_over(std::make_shared<TwoWay<SpliceWay, SpliceWay>>(
      SpliceWay(client, server, pipes, buffers), SpliceWay(server, client, pipes, buffers), limits));
}

}  // namespace pollux::egress
