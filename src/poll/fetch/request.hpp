#pragma once
// SPDX-License-Identifier: Apache-2.0
// From an upstream and a step to the request that goes on the wire, and the credentials that are put on it
// last. Pure.

#include "base/result.hpp"
#include "config/config.hpp"
#include "net/http_client.hpp"
#include "poll/fetch/render.hpp"

namespace pollux::fetch {

/// The step's request without credentials. kMalformed when an earlier answer lacks what the step needs.
Result<net::HttpRequest> build_request(const config::Upstream& upstream, const config::Step& step,
                                       const Scope& scope);

/// A request to the upstream with its timeouts, proxy and limits, for `url`.
net::HttpRequest base_request(const config::Upstream& upstream, std::string url);

/// Puts a key, basic or bearer credential on the request; nothing for what has an Authorizer of
/// its own.
void apply_static_auth(const config::Auth& auth, net::HttpRequest& request);

}  // namespace pollux::fetch
