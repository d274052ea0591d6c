#pragma once
// SPDX-License-Identifier: Apache-2.0
// OAuth 2.0: puts the upstream's access token on a request; it comes from client credentials or, where there
// is one, from a refresh token. A refresh token that the server replaced is durable before the access token
// that came with it is used. Owned by the session; io thread.

#include <optional>

#include "poll/fetch/authorizer.hpp"
#include "poll/fetch/refresh_token.hpp"
#include "poll/fetch/token_source.hpp"

namespace pollux::fetch {

class TokenAuthorizer final : public Authorizer {
 public:
  TokenAuthorizer(const config::Upstream& upstream, const config::OAuth2Auth& auth, const SessionParts& parts,
                  SendPlain send);

  Task<Result<void>> authorize(net::HttpRequest& request, Manner manner) override;
  bool in_turn(net::HttpRequest& request) override;
  bool refused(const net::HttpRequest& request, const Refusal& refusal) override;

 private:
  Task<Result<TokenAnswer>> ask(Manner manner);
  Task<Result<TokenAnswer>> refresh(Manner manner);

  const config::Upstream& upstream_;
  const config::OAuth2Auth& auth_;
  const SessionParts& parts_;
  SendPlain send_;
  std::optional<RefreshToken> refresh_token_;
  TokenSource tokens_;
};

/// Puts the token into `Authorization: Bearer`.
void set_bearer(net::HttpRequest& request, const Secret& token);

/// The token in `Authorization: Bearer`; empty if there is none.
Secret bearer_of(const net::HttpRequest& request);

}  // namespace pollux::fetch
