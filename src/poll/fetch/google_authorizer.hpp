#pragma once
// SPDX-License-Identifier: Apache-2.0
// Google service accounts: each signs assertions with its key (RFC 7523), which are exchanged for an access
// token (developers.google.com/identity/protocols/oauth2/service-account) or are the token themselves
// (google.aip.dev/auth/4111). Several accounts are used in turn, request by request; one that is refused by
// the API or gets no token, or is over its quota, is passed over for a while, or for as long as its refusal
// asked. Owned by the session;
// io thread.

#include <memory>
#include <vector>

#include "poll/fetch/authorizer.hpp"
#include "poll/fetch/token_source.hpp"
#include "sign/jwt.hpp"

namespace pollux::fetch {

class GoogleAuthorizer final : public Authorizer {
 public:
  GoogleAuthorizer(const config::Upstream& upstream, const config::GoogleAuth& auth,
                   const SessionParts& parts, SendPlain send);

  Task<Result<void>> authorize(net::HttpRequest& request, Manner manner) override;
  bool in_turn(net::HttpRequest& request) override;
  bool refused(const net::HttpRequest& request, const Refusal& refusal) override;

 private:
  using Steady = std::chrono::steady_clock::time_point;
  struct Account {
    const config::GoogleAuth::Account& config;
    Result<sign::RsaKey> key;
    std::unique_ptr<TokenSource> tokens;
    Steady rests_until{};
    bool told = false;  // that it gets no token
  };
  Account& take_next();
  Account* account_of(const Secret& token);
  void tell(Account& account, const Error& why) const;
  void rest(Account& account, const std::optional<AskedToWait>& asked);
  bool other_awake(const Account* account) const;
  bool awake(const Account& account) const { return account.rests_until <= parts_.clock.steady(); }
  Result<Secret> assertion(const Account& account) const;
  Task<Result<TokenAnswer>> ask(std::size_t account, Manner manner);

  const config::Upstream& upstream_;
  const config::GoogleAuth& auth_;
  const SessionParts& parts_;
  SendPlain send_;
  std::vector<Account> accounts_;
  std::size_t next_ = 0;
};

}  // namespace pollux::fetch
