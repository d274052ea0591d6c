#pragma once
// SPDX-License-Identifier: Apache-2.0
// What a proxy says of an answer that it made itself (RFC 9209, a list of RFC 8941, 3.1): read by the poller,
// written by `pollux egress`. Foreign bytes: bounded, and fit for a log line. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "net/http_client.hpp"

namespace pollux::net {

struct ProxyStatus {
  std::string proxy;    // as it names itself: "pollux"
  std::string error;    // RFC 9209, 2.3: "http_request_denied"
  std::string details;  // in its own words: "not_allowed"; may be empty

  /// "not_allowed (http_request_denied)", or the error alone. Printable ASCII, at most 300 characters.
  std::string text() const;
};

/// The last member of the list that tells of an error: the proxy that is nearest to whoever reads. nullopt
/// where none does, and for what is no such list or longer than 4 KiB: it then says nothing at all (RFC 8941,
/// 4.2).
std::optional<ProxyStatus> parse_proxy_status(std::string_view value);

/// Why a proxy gave this answer itself, in its own words: Proxy-Status, or what Squid and Smokescreen have in
/// its place. Empty: it says nothing of the kind.
std::string proxys_words(const Headers& headers);

/// Whether a proxy on the request's way sees the request itself, so that the answer may be its own: plain
/// http through an http or https proxy. In a tunnel, and SOCKS is nothing else, it sees none.
bool proxy_sees(const HttpRequest& request);

/// Of an answer to a request that proxy_sees(): that the proxy made it and did not pass it on, as a sentence
/// with what to do. Empty: it is the server's.
std::string proxys_own_answer(const HttpResponse& answer);

/// The field's value. `proxy` and `error` are tokens; of `details` what is not printable ASCII becomes '?'.
std::string format_proxy_status(const ProxyStatus& status);

}  // namespace pollux::net
