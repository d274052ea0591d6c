// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/google_authorizer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "log/logger.hpp"
#include "poll/fetch/token_authorizer.hpp"
#include "poll/fetch/token_request.hpp"

namespace pollux::fetch {
namespace {

/// How long an account is passed over after a refusal, where there is another one.
constexpr auto kRest = std::chrono::minutes(1);

}  // namespace

GoogleAuthorizer::GoogleAuthorizer(const config::Upstream& upstream, const config::GoogleAuth& auth,
                                   const SessionParts& parts, SendPlain send)
    : upstream_(upstream), auth_(auth), parts_(parts), send_(std::move(send)) {
  for (std::size_t i = 0; i < auth.accounts.size(); ++i) {
    auto ask = [this, i](Manner manner) { return this->ask(i, manner); };
    accounts_.push_back({auth.accounts[i], sign::RsaKey::from_pem(auth.accounts[i].private_key),
                         std::make_unique<TokenSource>(parts.clock, std::move(ask)), Steady()});
  }
  // `pollux once` begins anew each time: by chance, so that it does not always begin with the same one.
  next_ = static_cast<std::size_t>(parts.chance() * static_cast<double>(accounts_.size()));
}

// The next one that is awake, or where none is the one that will be first.
GoogleAuthorizer::Account& GoogleAuthorizer::take_next() {
  const auto now = parts_.clock.steady();
  auto later = [&](std::size_t i) { return std::max(accounts_[i].rests_until, now); };
  std::size_t taken = next_ % accounts_.size();
  for (std::size_t i = 1; i < accounts_.size(); ++i) {
    const std::size_t candidate = (next_ + i) % accounts_.size();
    if (later(candidate) < later(taken)) taken = candidate;
  }
  next_ = (taken + 1) % accounts_.size();
  return accounts_[taken];
}

GoogleAuthorizer::Account* GoogleAuthorizer::account_of(const Secret& token) {
  auto found = std::ranges::find_if(accounts_, [&](const Account& a) { return a.tokens->holds(token); });
  return found == accounts_.end() ? nullptr : &*found;
}

// Each request takes its account here, before its turn: those that wait together then wait for the tokens of
// different accounts. A key that was withdrawn or cannot be read is no reason to fail while others work.
Task<Result<void>> GoogleAuthorizer::authorize(net::HttpRequest& request, Manner manner) {
  for (std::size_t tried = 1;; ++tried) {
    Account& account = take_next();
    auto token = co_await account.tokens->token(manner);
    if (token) {
      account.told = false;
      set_bearer(request, *token);
      co_return Result<void>{};
    }
    const bool its_own = !account.key || token.error().kind == ErrorKind::kUnauthorized ||
                         token.error().kind == ErrorKind::kForbidden;
    if (!its_own || accounts_.size() == 1) co_return std::unexpected(token.error());
    rest(account, std::nullopt);
    if (tried == accounts_.size() || !other_awake(&account)) co_return std::unexpected(token.error());
    tell(account, token.error());
  }
}

// Once, until it works again: no run fails by it, and each minute would be too often.
void GoogleAuthorizer::tell(Account& account, const Error& why) const {
  if (parts_.logger == nullptr || std::exchange(account.told, true)) return;
  parts_.logger->warning(
      "account", parts_.redactor.redact(fmt::format("upstream {}: the account {} is passed over: {}",
                                                    upstream_.name, account.config.email, why.text())));
}

bool GoogleAuthorizer::in_turn(net::HttpRequest& request) {
  const Account* taken = account_of(bearer_of(request));
  // None may be awake: then the one that it took is as good as another.
  if (taken != nullptr && taken->tokens->fresh() && (awake(*taken) || !other_awake(taken))) return true;
  for (std::size_t i = 0; i < accounts_.size(); ++i) {
    const Account& other = accounts_[(next_ + i) % accounts_.size()];
    if (!awake(other) || !other.tokens->fresh()) continue;
    next_ = (next_ + i + 1) % accounts_.size();
    set_bearer(request, other.tokens->in_use());
    return true;
  }
  return false;
}

bool GoogleAuthorizer::other_awake(const Account* account) const {
  return std::ranges::any_of(accounts_, [&](const Account& a) { return &a != account && awake(a); });
}

bool GoogleAuthorizer::refused(const net::HttpRequest& request, const Refusal& refusal) {
  const Secret token = bearer_of(request);
  Account* used = account_of(token);
  if (used != nullptr) {
    if (refusal.kind == ErrorKind::kUnauthorized) used->tokens->refused(token);
    if (accounts_.size() > 1) rest(*used, refusal.asked);
  }
  // A token that was withdrawn is made anew once for each account; a quota is another account's to spend.
  if (refusal.kind == ErrorKind::kUnauthorized) return refusal.before < accounts_.size();
  return refusal.before + 1 < accounts_.size() && other_awake(used);
}

void GoogleAuthorizer::rest(Account& account, const std::optional<AskedToWait>& asked) {
  Millis length = kRest;
  if (asked) length = std::max(length, asked->until - parts_.clock.now());
  account.rests_until = std::max<Steady>(account.rests_until, parts_.clock.steady() + length);
}

Result<Secret> GoogleAuthorizer::assertion(const Account& account) const {
  if (!account.key) return std::unexpected(account.key.error());
  const auto& config = account.config;
  const bool self_signed = !auth_.audience.empty();
  const sign::Claims claims{config.key_id, config.email, config.email,
                            self_signed ? auth_.audience : config.token_uri, self_signed ? "" : auth_.scope};
  return sign::make_jwt(*account.key, claims, parts_.clock.now());
}

Task<Result<TokenAnswer>> GoogleAuthorizer::ask(std::size_t account, Manner manner) {
  const Account& asking = accounts_[account];
  const std::string in_use = fmt::format("access/{}/{}", upstream_.name, account);
  auto signed_one = assertion(asking);
  if (!signed_one) co_return std::unexpected(signed_one.error());
  if (auth_.audience.empty()) {
    parts_.redactor.hide_passing(*signed_one);
  } else {
    parts_.redactor.hide_in_use(in_use, *signed_one);
    co_return TokenAnswer{std::move(*signed_one), sign::kAssertionLifetime};
  }
  auto request = assertion_request(upstream_, asking.config.token_uri, *signed_one);
  co_return co_await exchange(
      send_, parts_.redactor, std::move(request), manner, in_use,
      fmt::format("check the key of {}, its scope, and this machine's clock", asking.config.email));
}

}  // namespace pollux::fetch
