#pragma once
// SPDX-License-Identifier: Apache-2.0
// Token endpoints that insist: on the client being in one place, on an audience and on further fields; and
// one for refresh tokens that are good once (RFC 9700, 4.14.2: using one again withdraws all that came of
// it). The tokens are the call centre's: /bearer takes them. Io thread.

#include <optional>
#include <string>
#include <vector>

#include "apps/sample_api/call_center.hpp"
#include "apps/sample_api/options.hpp"
#include "net/http_server.hpp"

namespace pollux::sample_api {

class Grants {
 public:
  Grants(const Options& options, CallCenter& center)
      : options_(options), center_(center), refresh_token_(options.refresh_token) {}

  /// POST /oauth2/token, client credentials. Of the query, `client` is header or body: where the client must
  /// be, and nowhere else; absent: in either, but never in both. Each other name is a field that the form
  /// must have with that value.
  net::ServerResponse token(const net::ServerRequest& request);

  /// POST /oauth2/refresh: the refresh token of the options, then the one that came last.
  net::ServerResponse refresh(const net::ServerRequest& request);

 private:
  /// nullopt: the client shows who it is, and where it must.
  std::optional<net::ServerResponse> client_refused(const net::ServerRequest& request,
                                                    const net::QueryPairs& form) const;

  const Options& options_;
  CallCenter& center_;
  std::string refresh_token_;  // empty: all is withdrawn
  std::vector<std::string> used_;
  std::vector<std::string> access_tokens_;  // that came of a refresh token
};

}  // namespace pollux::sample_api
