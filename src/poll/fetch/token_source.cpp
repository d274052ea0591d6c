// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/token_source.hpp"

#include <algorithm>
#include <utility>

namespace pollux::fetch {
namespace {

/// After a renewal that failed while the old token is still good.
constexpr auto kRenewAgainAfter = std::chrono::seconds(10);

/// The state that cannot be written is no reason to go on as if nothing were wrong.
bool passes(const Error& error) {
  return error.retry.when != Retry::When::kNever && error.kind != ErrorKind::kState;
}

}  // namespace

Task<Result<Secret>> TokenSource::token(Manner manner) {
  if (fresh()) co_return held_->token;
  const std::uint64_t seen = attempts_;
  auto permit = co_await one_at_a_time_.acquire();
  if (fresh()) co_return held_->token;
  if (attempts_ != seen && last_failure_) co_return std::unexpected(*last_failure_);
  const auto asked_at = clock_.steady();
  auto answer = co_await ask_(manner);
  if (!answer) co_return failed(std::move(answer.error()));
  ++attempts_;
  last_failure_.reset();
  held_ =
      Held{std::move(answer->token), asked_at + renew_after(answer->lifetime), asked_at + answer->lifetime};
  co_return held_->token;
}

Result<Secret> TokenSource::failed(Error error) {
  // Whoever was canceled has failed for nobody else.
  if (error.kind == ErrorKind::kCanceled) return std::unexpected(std::move(error));
  if (alive() && passes(error)) {
    held_->renew_at = std::min<Steady>(held_->ends_at, clock_.steady() + kRenewAgainAfter);
    return held_->token;
  }
  ++attempts_;
  last_failure_ = error;
  return std::unexpected(std::move(error));
}

void TokenSource::refused(const Secret& token) {
  if (holds(token)) held_.reset();
}

}  // namespace pollux::fetch
