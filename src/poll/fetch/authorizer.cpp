// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/authorizer.hpp"

#include "poll/fetch/aws_authorizer.hpp"
#include "poll/fetch/google_authorizer.hpp"
#include "poll/fetch/request.hpp"
#include "poll/fetch/token_authorizer.hpp"

namespace pollux::fetch {
namespace {

class StaticAuthorizer final : public Authorizer {
 public:
  explicit StaticAuthorizer(const config::Auth& auth) : auth_(auth) {}
  Task<Result<void>> authorize(net::HttpRequest& request, Manner) override {
    apply_static_auth(auth_, request);
    co_return Result<void>{};
  }
  bool in_turn(net::HttpRequest&) override { return true; }

 private:
  const config::Auth& auth_;
};

}  // namespace

std::unique_ptr<Authorizer> make_authorizer(const config::Upstream& upstream, const SessionParts& parts,
                                            SendPlain send) {
  if (const auto* oauth2 = std::get_if<config::OAuth2Auth>(&upstream.auth)) {
    return std::make_unique<TokenAuthorizer>(upstream, *oauth2, parts, std::move(send));
  }
  if (const auto* google = std::get_if<config::GoogleAuth>(&upstream.auth)) {
    return std::make_unique<GoogleAuthorizer>(upstream, *google, parts, std::move(send));
  }
  if (const auto* aws = std::get_if<config::AwsAuth>(&upstream.auth)) {
    return std::make_unique<AwsAuthorizer>(*aws, parts);
  }
  return std::make_unique<StaticAuthorizer>(upstream.auth);
}

}  // namespace pollux::fetch
