#pragma once
// SPDX-License-Identifier: Apache-2.0
// Conditional requests (RFC 9110, 13): what an answer offers for the next time, and when it may be used.
// Pure.

#include <optional>
#include <string>

#include "config/config.hpp"
#include "net/http_client.hpp"
#include "poll/fetch/fetcher.hpp"

namespace pollux::fetch {

/// Whether "nothing has changed" can be the whole answer to this poll's steps: what is published must depend
/// on the answers alone, and every step must be able to say it for itself. Not so where the program looks at
/// the time, where rows are gathered or a cursor moves from run to run, and with pages, POST, a step that
/// uses another's answer, or `conditional: false`.
bool may_ask_conditionally(const config::Poll& poll);

/// What is asked, as a digest: method, address, headers, body, and whose credentials go along, a fixed key or
/// token among them; not what is renewed from hour to hour.
std::string question_of(const config::Upstream& upstream, const net::HttpRequest& request);

/// The answer's ETag and Last-Modified, where they are fit to be sent back. A Last-Modified of the very
/// second of the answer is not: the resource may have changed again within it (RFC 9110, 8.8.2.2).
std::optional<Validator> validator_of(const net::HttpResponse& response, std::string question);

void ask_conditionally(net::HttpRequest& request, const Validator& validator);

}  // namespace pollux::fetch
