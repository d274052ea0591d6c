// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/token_authorizer.hpp"

#include <boost/asio/this_coro.hpp>
#include <exception>
#include <utility>

#include "poll/fetch/token_request.hpp"

namespace pollux::fetch {
namespace {

constexpr std::string_view kScheme = "Bearer ";

}  // namespace

void set_bearer(net::HttpRequest& request, const Secret& token) {
  request.set_header("Authorization", std::string(kScheme) + token.reveal());
}

Secret bearer_of(const net::HttpRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (name == "Authorization" && value.starts_with(kScheme)) return Secret(value.substr(kScheme.size()));
  }
  return {};
}

TokenAuthorizer::TokenAuthorizer(const config::Upstream& upstream, const config::OAuth2Auth& auth,
                                 const SessionParts& parts, SendPlain send)
    : upstream_(upstream),
      auth_(auth),
      parts_(parts),
      send_(std::move(send)),
      tokens_(parts.clock, [this](Manner manner) { return ask(manner); }) {
  if (auth.refresh_token) refresh_token_.emplace(upstream, auth, parts);
}

Task<Result<void>> TokenAuthorizer::authorize(net::HttpRequest& request, Manner manner) {
  auto token = co_await tokens_.token(manner);
  if (!token) co_return std::unexpected(token.error());
  set_bearer(request, *token);
  co_return Result<void>{};
}

bool TokenAuthorizer::in_turn(net::HttpRequest& request) {
  if (!tokens_.fresh()) return false;
  set_bearer(request, tokens_.in_use());
  return true;
}

bool TokenAuthorizer::refused(const net::HttpRequest& request, const Refusal& refusal) {
  if (refusal.kind != ErrorKind::kUnauthorized || refusal.before > 0) return false;
  tokens_.refused(bearer_of(request));
  return true;
}

Task<Result<TokenAnswer>> TokenAuthorizer::ask(Manner manner) {
  if (!refresh_token_) {
    co_return co_await exchange(send_, parts_.redactor, client_credentials_request(upstream_, auth_), manner,
                                "access/" + upstream_.name, "check client_id and client_secret");
  }
  // A run that is canceled from the sending to the commit must not lose the only token there is: what was
  // asked for is still canceled, but no step here is left out for it.
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  Result<TokenAnswer> answer;
  std::exception_ptr thrown;
  try {
    answer = co_await refresh(manner);
  } catch (...) {
    thrown = std::current_exception();
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (thrown) std::rethrow_exception(thrown);
  co_return answer;
}

Task<Result<TokenAnswer>> TokenAuthorizer::refresh(Manner manner) {
  manner.sees_it_through = true;  // the server may have put another in its place when it answers
  if (auto saved = co_await refresh_token_->save(); !saved) co_return std::unexpected(saved.error());
  auto answer = co_await exchange(
      send_, parts_.redactor, refresh_request(upstream_, auth_, refresh_token_->current()), manner,
      "access/" + upstream_.name,
      "check client_id and client_secret; a refresh token that has ended, was used by somebody else or was "
      "withdrawn needs a new one in the file");
  if (!answer || !answer->refresh_token) co_return answer;
  if (auto kept = co_await refresh_token_->replace(*answer->refresh_token); !kept) {
    co_return std::unexpected(kept.error());
  }
  co_return answer;
}

}  // namespace pollux::fetch
