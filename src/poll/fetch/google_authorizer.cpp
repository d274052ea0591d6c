// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/google_authorizer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

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

std::size_t GoogleAuthorizer::next() const {
  const auto now = parts_.clock.steady();
  for (std::size_t i = 0; i < accounts_.size(); ++i) {
    const std::size_t candidate = (next_ + i) % accounts_.size();
    if (accounts_[candidate].rests_until <= now) return candidate;
  }
  return next_ % accounts_.size();
}

bool GoogleAuthorizer::ready() const {
  // A self-signed token costs no request.
  return !auth_.audience.empty() || accounts_[next()].tokens->fresh();
}

Task<Result<void>> GoogleAuthorizer::authorize(net::HttpRequest& request, Manner manner) {
  const std::size_t account = next();
  // A token that is only asked for now is for the turn that this request still waits for.
  if (ready()) next_ = (account + 1) % accounts_.size();
  auto token = co_await accounts_[account].tokens->token(manner);
  if (!token) co_return std::unexpected(token.error());
  request.set_header("Authorization", "Bearer " + token->reveal());
  co_return Result<void>{};
}

bool GoogleAuthorizer::refused(const net::HttpRequest& request, ErrorKind kind, std::size_t before) {
  const Secret token = bearer_of(request);
  auto used = std::ranges::find_if(accounts_, [&](const Account& a) { return a.tokens->holds(token); });
  if (used != accounts_.end()) {
    if (kind == ErrorKind::kUnauthorized) used->tokens->refused(token);
    if (accounts_.size() > 1) used->rests_until = parts_.clock.steady() + kRest;
  }
  // A token that was withdrawn is made anew once for each account; a quota is another account's to spend.
  const std::size_t tries = kind == ErrorKind::kUnauthorized ? accounts_.size() : accounts_.size() - 1;
  return before < tries;
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
  auto signed_one = assertion(asking);
  if (!signed_one) co_return std::unexpected(signed_one.error());
  parts_.redactor.hide_passing(*signed_one);
  if (!auth_.audience.empty()) co_return TokenAnswer{std::move(*signed_one), sign::kAssertionLifetime};
  auto request = assertion_request(upstream_, asking.config.token_uri, *signed_one);
  co_return co_await exchange(
      send_, parts_.redactor, std::move(request), manner,
      fmt::format("check the key of {}, its scope, and this machine's clock", asking.config.email));
}

}  // namespace pollux::fetch
