#pragma once
// SPDX-License-Identifier: Apache-2.0
// Google's side of service accounts: POST /google/token exchanges assertions (RFC 7523) for tokens, and GET
// /google/data takes these, and assertions that are themselves the token. Checks the RS256 signature with the
// public key of the options, issuer, audience, scope and times. Written apart from what Pollux signs with. Io
// thread.

#include <map>
#include <string>

#include "apps/sample_api/call_center.hpp"
#include "apps/sample_api/options.hpp"
#include "base/clock.hpp"
#include "net/http_server.hpp"

namespace pollux::sample_api {

class GoogleDesk {
 public:
  GoogleDesk(const Options& options, const Clock& clock, CallCenter& center)
      : options_(options), clock_(clock), center_(center) {}

  net::ServerResponse token(const net::ServerRequest& request);

  /// {"account": ..., "by": "token" or "self-signed"}. ?exhausted=EMAIL and ?forbidden=EMAIL answer that
  /// account with 429 and 403.
  net::ServerResponse data(const net::ServerRequest& request) const;

 private:
  struct Asserted {
    std::string account;  // empty: refused
    std::string why;      // for people
  };
  Asserted check(const std::string& assertion, const std::string& audience, bool wants_scope) const;

  const Options& options_;
  const Clock& clock_;
  CallCenter& center_;
  std::map<std::string, std::string, std::less<>> accounts_;  // by token
};

}  // namespace pollux::sample_api
