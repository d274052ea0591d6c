// SPDX-License-Identifier: Apache-2.0
#include "egress/tunnel/relay.hpp"

#include <algorithm>
#include <memory>

#include "egress/tunnel/two_way.hpp"
#include "egress/tunnel/until_over.hpp"

namespace pollux::egress {
namespace {

using asio::ip::tcp;

// After fewer bytes the sender has most likely nothing more to say now: one waits without asking it again.
constexpr std::size_t kShort = 4 * 1024;

class SpliceWay {
 public:
  static constexpr int kPieces = 4;
  static constexpr bool kBuffered = false;

  SpliceWay(tcp::socket& sender, tcp::socket& receiver, Pipes& pipes)
      : from(sender), to(receiver), pipes_(pipes) {}

  Step fill(std::size_t most) {
    if (!pipe_.is_open()) {
      auto pipe = pipes_.borrow();
      if (!pipe) return {Want::kNothing, asio::error::no_descriptors, 0};
      pipe_ = std::move(*pipe);
    }
    const Step step = splice(from.native_handle(), pipe_.write_end(), std::min(most, kPipeSize), Want::kRead);
    held_ = came_ = step.count;
    return step;
  }
  bool may_have_more() const { return came_ >= kShort; }
  std::size_t held() const { return held_; }
  Step drain() {
    const Step step = splice(pipe_.read_end(), to.native_handle(), held_, Want::kWrite);
    held_ -= step.count;
    return step;
  }
  Step tell_end() {
    Step step;
    to.shutdown(tcp::socket::shutdown_send, step.error);
    return step;
  }
  void rest() {
    if (pipe_.is_open() && held_ == 0) pipes_.give_back(std::move(pipe_));
    pipe_ = {};
  }

  tcp::socket& from;
  tcp::socket& to;

 private:
  Pipes& pipes_;
  Pipe pipe_;
  std::size_t held_ = 0;  // bytes in the pipe
  std::size_t came_ = 0;  // at the last fill
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
  return until_over(std::make_shared<TwoWay<SpliceWay, SpliceWay>>(SpliceWay(client, server, pipes),
                                                                   SpliceWay(server, client, pipes), limits));
}

}  // namespace pollux::egress
