// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/authorizer.hpp"

#include "poll/fetch/request.hpp"
#include "poll/fetch/token_source.hpp"

namespace pollux::fetch {
namespace {

class StaticAuthorizer final : public Authorizer {
 public:
  explicit StaticAuthorizer(const config::Auth& auth) : auth_(auth) {}
  bool ready() const override { return true; }
  Task<Result<void>> authorize(net::HttpRequest& request, Manner) override {
    apply_static_auth(auth_, request);
    co_return Result<void>{};
  }

 private:
  const config::Auth& auth_;
};

class TokenAuthorizer final : public Authorizer {
 public:
  TokenAuthorizer(const config::Upstream& upstream, const config::OAuth2Auth& auth, const SessionParts& parts,
                  SendPlain send)
      : tokens_(upstream, auth, parts.clock, parts.redactor, std::move(send)) {}

  bool ready() const override { return tokens_.good(); }
  Task<Result<void>> authorize(net::HttpRequest& request, Manner manner) override {
    auto token = co_await tokens_.token(manner);
    if (!token) co_return std::unexpected(token.error());
    request.set_header("Authorization", "Bearer " + token->reveal());
    co_return Result<void>{};
  }

  bool refused(const net::HttpRequest& request) override {
    constexpr std::string_view kScheme = "Bearer ";
    for (const auto& [name, value] : request.headers) {
      if (name == "Authorization") tokens_.refused(Secret(value.substr(kScheme.size())));
    }
    return true;
  }

 private:
  TokenSource tokens_;
};

}  // namespace

std::unique_ptr<Authorizer> make_authorizer(const config::Upstream& upstream, const SessionParts& parts,
                                            SendPlain send) {
  if (const auto* oauth2 = std::get_if<config::OAuth2Auth>(&upstream.auth)) {
    return std::make_unique<TokenAuthorizer>(upstream, *oauth2, parts, std::move(send));
  }
  return std::make_unique<StaticAuthorizer>(upstream.auth);
}

}  // namespace pollux::fetch
