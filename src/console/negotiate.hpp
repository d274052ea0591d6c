#pragma once
// SPDX-License-Identifier: Apache-2.0
// What a reader's headers ask for: an encoding (RFC 9110, 12.5.3), nothing if it has the object already
// (13.1.2), an answer that another origin may read (Fetch standard, CORS protocol). Pure functions.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pollux::console {

/// Whether `Accept-Encoding` prefers gzip to nothing at all; an absent header does not ask for it.
bool accepts_gzip(std::string_view accept_encoding);

/// Whether `If-None-Match` names this ETag (weak comparison), or is "*".
bool matches_etag(std::string_view if_none_match, std::string_view etag);

/// The Access-Control-Allow-Origin for a request from `origin`: "*" where any may read, the origin itself
/// where it is in the list, nullopt where it is not. An empty `origin` is no cross-origin request.
std::optional<std::string> allowed_origin(const std::vector<std::string>& allowed, std::string_view origin);

}  // namespace pollux::console
