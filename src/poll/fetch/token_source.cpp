// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/token_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/units.hpp"
#include "poll/fetch/pace/retry.hpp"

namespace pollux::fetch {
namespace {

/// Whether the old token may be used until its end. A limit that leaves no room for the renewal says nothing
/// against it, though the request itself is not to be tried again. The state that cannot be written is no
/// reason to go on as if nothing were wrong.
bool passes(const Error& error) {
  if (error.kind == ErrorKind::kLimited) return true;
  return error.retry.when != Retry::When::kNever && error.kind != ErrorKind::kState;
}

/// Whoever was canceled, or had too little time, has failed for nobody else.
bool is_own(const Error& error) {
  return error.kind == ErrorKind::kCanceled || error.kind == ErrorKind::kLimited || error.cut_short;
}

std::unexpected<Error> waited_in_vain(Time until) {
  return fail(ErrorKind::kLimited,
              fmt::format("not sent: no token: another run is still asking for it, within "
                          "its own time; the next slot is at {}",
                          format_time(until)));
}

}  // namespace

Task<Result<Secret>> TokenSource::token(Manner manner) {
  if (fresh()) co_return held_->token;
  const std::uint64_t seen = attempts_;
  std::optional<Millis> room;
  if (manner.until) room = *manner.until - clock_.now();
  auto permit = co_await one_at_a_time_.acquire_within(room);
  if (!permit) co_return waited_in_vain(*manner.until);
  if (fresh()) co_return held_->token;
  if (attempts_ != seen && last_failure_) co_return std::unexpected(*last_failure_);
  const auto asked_at = clock_.steady();
  auto answer = co_await ask(manner);
  if (!answer) co_return failed(std::move(answer.error()));
  ++attempts_;
  last_failure_.reset();
  held_ =
      Held{std::move(answer->token), asked_at + renew_after(answer->lifetime), asked_at + answer->lifetime};
  co_return held_->token;
}

Task<Result<TokenAnswer>> TokenSource::ask(Manner manner) {
  struct Asking {
    bool& flag;
    ~Asking() { flag = false; }
  };
  asking_ = true;
  const Asking asking{asking_};
  co_return co_await ask_(manner);
}

Result<Secret> TokenSource::failed(Error error) {
  if (error.kind == ErrorKind::kCanceled) return std::unexpected(std::move(error));
  if (alive() && passes(error)) {
    held_->renew_at = std::min<Steady>(held_->ends_at, clock_.steady() + kRenewAgainAfter);
    return held_->token;
  }
  if (is_own(error)) return std::unexpected(std::move(error));
  ++attempts_;
  last_failure_ = error;
  return std::unexpected(std::move(error));
}

void TokenSource::refused(const Secret& token) {
  if (holds(token)) held_.reset();
}

}  // namespace pollux::fetch
