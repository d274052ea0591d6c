#pragma once
// SPDX-License-Identifier: Apache-2.0
// The one door through which every request to an upstream leaves: its places (`concurrency`), limits and
// breaker, and the queue before them. Whose next slot comes sooner goes first, among equals who came first; a
// wait that would go beyond the slot is refused at once, with kLimited. What is counted is kept in the state
// before the request leaves. Owned by the upstream's session; must outlive its passes; io thread.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "poll/fetch/authorizer.hpp"
#include "poll/fetch/pace/breaker.hpp"
#include "poll/fetch/pace/limits.hpp"

namespace pollux::fetch {

/// Where an upstream's limits are kept in the state.
std::string limits_key(const std::string& upstream);

class Gate {
 public:
  /// What became of a request.
  enum class Fate {
    kUnsent,    // it never left: nothing is counted
    kWell,      // answered, by an API that works
    kTrouble,   // answered by 500 or more
    kNothing,   // no answer: it may have arrived or not
    kCanceled,  // by us, on its way
  };

  /// The right to send one request. Given back, as canceled or unsent, when it goes without a word.
  class Pass {
   public:
    Pass(Gate& gate, Limits::Ticket ticket, Breaker::Era era, Time granted)
        : gate_(&gate), ticket_(ticket), era_(era), granted_(granted) {}
    Pass(Pass&& other) noexcept
        : gate_(std::exchange(other.gate_, nullptr)),
          ticket_(other.ticket_),
          era_(other.era_),
          granted_(other.granted_),
          sent_(other.sent_) {}
    Pass& operator=(Pass&&) = delete;
    ~Pass() { end(sent_ ? Fate::kCanceled : Fate::kUnsent); }

    Time granted() const { return granted_; }
    /// From here on it counts.
    void sent() { sent_ = true; }
    void end(Fate fate);

   private:
    Gate* gate_;
    Limits::Ticket ticket_;
    Breaker::Era era_;
    Time granted_;
    bool sent_ = false;
  };

  /// How long one may wait.
  struct Patience {
    std::optional<Time> until;  // the next slot
    bool for_trouble = true;    // also until an upstream in trouble is asked again
  };

  Gate(const config::Upstream& upstream, const SessionParts& parts);
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  /// Fails as enter() would where it refuses at once.
  Result<void> may_enter(Patience patience);

  Task<Result<Pass>> enter(Patience patience);

  /// Writes what is counted to the state, where there are limits. Before a request leaves.
  Task<Result<void>> remember();

  /// The API asks to be left alone; kept in the state too.
  Task<> hold(Time until, std::string why);

  /// From the state, before the first request.
  Result<void> restore(std::string_view saved);

  bool has_limits() const { return !limits_.empty(); }
  bool in_trouble() const { return breaker_.open(); }

 private:
  struct Waiter;
  using Order = std::pair<Time, std::uint64_t>;  // the slot it must be done by; when it came

  struct Answer {
    Verdict verdict;
    bool trouble = false;  // it is the breaker that says so
  };
  Answer look(Time now);
  Time trouble_until(const Patience& patience, Time now) const;
  static bool is_hopeless(const Patience& patience, Time trouble_until, const Answer& answer, Time now);
  static std::unexpected<Error> refusal(const Patience& patience, std::string_view why);
  bool refuse_if_hopeless(Waiter& waiter, const Answer& answer, Time now);
  void refuse(Waiter& waiter, std::string_view why);
  void grant(Waiter& waiter, Time now);
  void pump();
  void after_failure(Time now);
  void leave(Limits::Ticket ticket, Breaker::Era era, Fate fate);
  Task<Result<void>> commit();

  const config::Upstream& upstream_;
  const SessionParts& parts_;
  Limits limits_;
  Breaker breaker_;
  std::size_t free_places_;
  std::map<Order, std::shared_ptr<Waiter>> waiting_;
  std::uint64_t came_ = 0;
};

}  // namespace pollux::fetch
