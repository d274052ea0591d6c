#pragma once
// SPDX-License-Identifier: Apache-2.0
// The contact centre: an OAuth 2.0 token endpoint (client credentials, RFC 6749, 4.4) and estimated wait
// times behind it. Queue ids that begin with "en", "sp" and "idle" exist; an idle queue has an empty list.
// The clock is passed in. Io thread.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "apps/sample_api/options.hpp"
#include "base/clock.hpp"
#include "net/http_server.hpp"

namespace pollux::sample_api {

class CallCenter {
 public:
  CallCenter(const Options& options, const Clock& clock) : options_(options), clock_(clock) {}

  /// POST /oauth/token. 400 or 401 with the error names of RFC 6749, 5.2.
  net::ServerResponse token(const net::ServerRequest& request);

  /// Another token, and the answer of a token endpoint that tells it.
  std::string issue_answer();

  void withdraw(const std::string& token) { tokens_.erase(token); }

  /// Whether the request carries a token of ours that has not ended.
  bool knows_bearer(const net::ServerRequest& request) const;

  /// GET /api/v2/routing/queues/<id>/mediatypes/{call|chat}/estimatedwaittime.
  net::ServerResponse wait_time(const net::ServerRequest& request) const;

  const std::vector<std::string>& issued() const { return issued_; }

 private:
  const Options& options_;
  const Clock& clock_;
  std::map<std::string, Time, std::less<>> tokens_;  // and when each ends
  std::vector<std::string> issued_;
};

/// How long people wait at `time`, in seconds: around 167 and 20 for calls, 45 and 8 for chats, and exactly
/// that when `fixed`.
int wait_seconds(bool spanish, bool chat, Time time, bool fixed);

inline constexpr std::string_view kQueuesPath = "/api/v2/routing/queues/";

}  // namespace pollux::sample_api
