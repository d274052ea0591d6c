#pragma once
// SPDX-License-Identifier: Apache-2.0
// An access token, however it is come by: shared by all who need it, asked for once however many want it,
// renewed before it ends. Owned by an Authorizer; io thread.

#include <functional>
#include <optional>

#include "base/clock.hpp"
#include "net/semaphore.hpp"
#include "poll/fetch/authorizer.hpp"
#include "poll/fetch/token_answer.hpp"

namespace pollux::fetch {

class TokenSource {
 public:
  /// One way to come by a token; never called twice at the same time.
  using Ask = std::function<Task<Result<TokenAnswer>>(Manner)>;

  TokenSource(const Clock& clock, Ask ask) : clock_(clock), ask_(std::move(ask)) {}

  /// A token that is good for a while yet. Whoever waits while another asks gets what that one got, also its
  /// failure, unless all that the other lacked was time; kLimited where the wait would go beyond
  /// `manner.until`. While another is asked for, and when that fails for now, the old one is in use until it
  /// ends.
  Task<Result<Secret>> token(Manner manner);

  /// Whether token() would give one at once.
  bool fresh() const { return held_ && clock_.steady() < (asking_ ? held_->ends_at : held_->renew_at); }

  /// That token, while it is fresh().
  const Secret& in_use() const { return held_->token; }

  /// Whether this is the token in use.
  bool holds(const Secret& token) const { return held_ && held_->token == token; }

  /// The API refused this token: the next call asks for another, unless somebody has already.
  void refused(const Secret& token);

 private:
  using Steady = std::chrono::steady_clock::time_point;
  struct Held {
    Secret token;
    Steady renew_at;
    Steady ends_at;
  };
  bool alive() const { return held_ && clock_.steady() < held_->ends_at; }
  Result<Secret> failed(Error error);
  Task<Result<TokenAnswer>> ask(Manner manner);

  const Clock& clock_;
  Ask ask_;
  net::Semaphore one_at_a_time_{1};
  bool asking_ = false;
  std::optional<Held> held_;
  std::optional<Error> last_failure_;
  std::uint64_t attempts_ = 0;
};

}  // namespace pollux::fetch
