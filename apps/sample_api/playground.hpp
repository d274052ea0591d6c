#pragma once
// SPDX-License-Identifier: Apache-2.0
// Small endpoints that check what a client sends and show it back: keys, basic auth, bodies, pages, sizes,
// redirects. For tests of the fetching side. Pure function.

#include <optional>

#include "apps/sample_api/options.hpp"
#include "net/http_server.hpp"

namespace pollux::sample_api {

/// nullopt: no such endpoint. /bearer is not here: it needs the call centre's tokens.
std::optional<net::ServerResponse> playground(const Options& options, const net::ServerRequest& request);

/// The request as JSON: method, target, path, query, headers, body.
net::ServerResponse echo(const net::ServerRequest& request);

}  // namespace pollux::sample_api
