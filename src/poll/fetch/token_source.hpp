#pragma once
// SPDX-License-Identifier: Apache-2.0
// The one access token of an upstream (OAuth 2.0 client credentials, RFC 6749 4.4): shared by all its polls,
// fetched once however many want it, renewed before it ends. Owned by the upstream's session; io thread.

#include <optional>

#include "base/clock.hpp"
#include "base/redactor.hpp"
#include "config/config.hpp"
#include "net/http_client.hpp"
#include "net/semaphore.hpp"
#include "poll/fetch/authorizer.hpp"

namespace pollux::fetch {

class TokenSource {
 public:
  TokenSource(const config::Upstream& upstream, const config::OAuth2Auth& auth, const Clock& clock,
              Redactor& redactor, SendPlain send);

  /// A token that is good for a while yet. Whoever waits while another fetches gets what that one got, also
  /// its failure.
  Task<Result<Secret>> token(Manner manner);

  /// Whether token() would give one without asking.
  bool good() const;

  /// The API refused this token: the next call fetches another, unless somebody has already.
  void refused(const Secret& token);

 private:
  struct Held {
    Secret token;
    std::chrono::steady_clock::time_point renew_at;
  };
  Task<Result<Held>> fetch(Manner manner);

  const config::Upstream& upstream_;
  const config::OAuth2Auth& auth_;
  const Clock& clock_;
  Redactor& redactor_;
  SendPlain send_;
  net::Semaphore one_at_a_time_{1};
  std::optional<Held> held_;
  std::optional<Error> last_failure_;
  std::uint64_t attempts_ = 0;
};

/// What a token endpoint answers (RFC 6749, 5.1): the token and how long it lives; an hour where it does not
/// say. Pure.
struct TokenAnswer {
  Secret token;
  std::chrono::seconds lifetime{3600};
};
Result<TokenAnswer> parse_token_answer(std::string_view body, std::string_view host);

/// When to renew a token of this lifetime: a tenth before its end, at most a minute before. Pure.
Millis renew_after(std::chrono::seconds lifetime);

}  // namespace pollux::fetch
