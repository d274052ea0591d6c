// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/credentials_source.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/units.hpp"

namespace pollux::publish {
namespace {

constexpr Millis kEarliest = std::chrono::minutes(5);
constexpr Millis kAgainAfter = std::chrono::seconds(30);

Millis renew_after(Millis lifetime) { return lifetime - std::min(lifetime / 10, kEarliest); }

}  // namespace

Task<Result<Keys>> RenewingCredentials::keys() {
  if (fresh()) co_return held_->keys;
  const std::uint64_t seen = attempts_;
  auto permit = co_await turn();
  if (!permit) co_return fail(ErrorKind::kCanceled, purpose_ + ": stopped while waiting for credentials");
  if (fresh()) co_return held_->keys;
  if (attempts_ != seen && last_failure_) co_return std::unexpected(*last_failure_);
  const auto asked_at = clock_.steady();
  auto given = co_await ask();
  if (!given) co_return failed(std::move(given.error()));
  ++attempts_;
  last_failure_.reset();
  co_return hold(std::move(*given), asked_at);
}

/// nullopt: canceled meanwhile.
Task<std::optional<net::Semaphore::Permit>> RenewingCredentials::turn() {
  try {
    co_return co_await one_at_a_time_.acquire_within(std::nullopt);
  } catch (const boost::system::system_error& e) {
    if (e.code() != asio::error::operation_aborted) throw;
  }
  co_return std::nullopt;
}

Task<Result<GivenKeys>> RenewingCredentials::ask() {
  struct Asking {
    bool& flag;
    ~Asking() { flag = false; }
  };
  asking_ = true;
  const Asking asking{asking_};
  co_return co_await ask_();
}

Keys RenewingCredentials::hold(GivenKeys given, Steady asked_at) {
  if (hearers_.redactor != nullptr) {
    hearers_.redactor->hide_in_use(purpose_ + " id", Secret(given.keys.access_key_id));
    hearers_.redactor->hide_in_use(purpose_, given.keys.secret_access_key);
    if (given.keys.session_token)
      hearers_.redactor->hide_in_use(purpose_ + " token", *given.keys.session_token);
  }
  auto keys = std::make_shared<const sign::Credentials>(std::move(given.keys));
  // What does not say when it ends is asked for again when the server refuses it.
  const Millis lifetime = given.lifetime.value_or(std::chrono::days(365));
  held_ = Held{keys, asked_at + renew_after(lifetime), asked_at + lifetime};
  return keys;
}

Result<Keys> RenewingCredentials::failed(Error error) {
  if (error.kind == ErrorKind::kCanceled) return std::unexpected(std::move(error));
  ++attempts_;
  if (held_ && clock_.steady() < held_->ends_at) {
    const auto left = std::chrono::duration_cast<Millis>(held_->ends_at - clock_.steady());
    held_->renew_at = std::min<Steady>(held_->ends_at, clock_.steady() + kAgainAfter);
    last_failure_.reset();  // nobody fails for it while the old ones are good
    if (hearers_.logger != nullptr) {
      hearers_.logger->warning("store_credentials",
                               fmt::format("{}: {}; the old ones are good for {} yet", purpose_,
                                           error.message, describe_duration(left)),
                               {{"kind", std::string(kind_name(error.kind))}});
    }
    return held_->keys;
  }
  last_failure_ = error;
  return std::unexpected(std::move(error));
}

bool RenewingCredentials::refused(const Keys& keys) {
  if (held_ && held_->keys == keys) held_.reset();
  return true;
}

}  // namespace pollux::publish
