#pragma once
// SPDX-License-Identifier: Apache-2.0
// An upstream and Pollux's session with it, as a simulation has them: the real Limits, Breaker and
// wait_before_retry, and in place of the network a roll of the dice. Mirrors fetch::UpstreamSession and
// fetch::Gate, of an API that asks to be waited for in a 429 only. Owned by the simulation; one thread.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "plan/agenda.hpp"
#include "plan/fate.hpp"
#include "plan/simulate.hpp"
#include "plan/window_count.hpp"
#include "poll/fetch/pace/breaker.hpp"
#include "poll/fetch/pace/limits.hpp"

namespace pollux::plan {

class ModelledUpstream {
 public:
  using Done = std::function<void(const std::optional<Error>&)>;  // nullopt: answered

  ModelledUpstream(const config::Upstream& upstream, Agenda& agenda, Dice& dice,
                   const SimulationOptions& options);

  /// With tokens and retries, as a session sends.
  void send(bool repeatable, std::optional<Time> until, Done done);

  SimulatedUpstream report() const;

 private:
  struct Send {
    bool repeatable = true;
    bool for_token = false;
    std::optional<Time> until;
    Done done;
    std::size_t failed = 0;
    std::optional<Error> last;  // how its last attempt failed
    std::uint64_t renewed = 0;
    std::uint64_t token = 0;
    int turns = 0;  // of this attempt
    Time queued{};
    Time patience{};  // no wait for an upstream in trouble goes beyond it
  };
  using SendPtr = std::shared_ptr<Send>;
  using Order = std::pair<Time, std::uint64_t>;  // whose next slot comes sooner goes first; when it came
  struct Wait {
    std::optional<Time> until;  // nullopt: go ahead
    bool trouble = false;
  };

  void authorize(const SendPtr& send);
  void ask_for_token(const SendPtr& send);
  void set_patience(Send& send) const;
  bool has_token() const { return token_ != 0 && agenda_.now() < (asking_for_token_ ? ends_at_ : renew_at_); }
  void enter(const SendPtr& send);
  Wait look();
  bool hopeless(const Send& send, const Wait& wait) const;
  void refuse(const SendPtr& send);
  void pump();
  void wake_at(Time time);
  void begin(const SendPtr& send);
  void end(const SendPtr& send, const Fate& fate, fetch::Limits::Ticket ticket, fetch::Breaker::Era era);
  void heed(const Fate& fate);
  void judge(const SendPtr& send, const Fate& fate);
  void finish(const SendPtr& send, std::optional<Error> error);
  void give_up(const SendPtr& send, Error why);
  Fate spite(const Send& send);
  void note_arrival(Time sent, const Fate& fate);

  const config::Upstream& upstream_;
  Agenda& agenda_;
  Dice& dice_;
  const SimulationOptions& options_;
  TokenDemand tokens_;
  fetch::Limits limits_;
  fetch::Breaker breaker_;
  std::size_t in_flight_ = 0;
  std::size_t refusals_ = 0;  // 429 in a row
  std::map<Order, SendPtr> queue_;
  std::uint64_t came_ = 0;
  std::optional<Time> wake_at_;

  bool asking_for_token_ = false;
  std::vector<SendPtr> without_token_;
  std::uint64_t token_ = 0;  // which one is held; 0: none
  std::uint64_t next_token_ = 1;
  Time renew_at_{};
  Time ends_at_{};

  SimulatedUpstream report_;
  std::vector<WindowCount> counts_;  // of the limits, then day, hour, minute
};

}  // namespace pollux::plan
