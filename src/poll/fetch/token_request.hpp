#pragma once
// SPDX-License-Identifier: Apache-2.0
// The requests that ask for an access token, one for each grant, and the way there and back. The builders are
// pure; exchange() sends on the io thread through the session, so that its limits and retries hold for tokens
// too.

#include <string>

#include "config/config.hpp"
#include "poll/fetch/authorizer.hpp"
#include "poll/fetch/token_answer.hpp"

namespace pollux::fetch {

/// RFC 6749, 4.4.2.
net::HttpRequest client_credentials_request(const config::Upstream& upstream, const config::OAuth2Auth& auth);

/// RFC 6749, 6.
net::HttpRequest refresh_request(const config::Upstream& upstream, const config::OAuth2Auth& auth,
                                 const Secret& refresh_token);

/// RFC 7523, 2.1.
net::HttpRequest assertion_request(const config::Upstream& upstream, const std::string& token_url,
                                   const Secret& assertion);

/// Sends it and reads the answer; the redactor learns what is in it, the token as the one in use for
/// `purpose`. `advice` is what to look at when the endpoint refuses: "check client_id and client_secret". All
/// references are used until the task ends.
Task<Result<TokenAnswer>> exchange(const SendPlain& send, Redactor& redactor, net::HttpRequest request,
                                   Manner manner, std::string purpose, std::string advice);

}  // namespace pollux::fetch
