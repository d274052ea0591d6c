#pragma once
// SPDX-License-Identifier: Apache-2.0
// Answers requests for published objects as a public bucket with a CORS rule would: GET, HEAD, preflight;
// ETag and 304; gzip where it is asked for. No ranges: objects are small, and a part of one is no checked
// object. Pure functions.

#include <optional>
#include <string>

#include "console/data_source.hpp"
#include "net/http_server.hpp"

namespace pollux::console {

/// OPTIONS. 204 with what is allowed, or 403 where the origin or the method is not.
net::ServerResponse preflight(const PublicStore& store, const net::ServerRequest& request);

/// GET and HEAD. `object` nullopt: 404, readable by the same origins.
net::ServerResponse object_answer(const PublicStore& store, const net::ServerRequest& request,
                                  std::optional<StoredObject> object);

/// Bodies above this are sent as they are: compressing them would hold up the io thread.
inline constexpr std::size_t kMostGzip = 1U << 20;

}  // namespace pollux::console
