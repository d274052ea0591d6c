#pragma once
// SPDX-License-Identifier: Apache-2.0
// Everything that the polls of one upstream share: its concurrency, its token, its retries. Owned by the app,
// one for each upstream; io thread. Errors are those of net, and of retry.hpp for an answer that is not 2xx;
// the message tells how often and for how long it was tried.

#include <functional>
#include <memory>

#include "base/clock.hpp"
#include "base/redactor.hpp"
#include "config/config.hpp"
#include "net/http_client.hpp"
#include "net/semaphore.hpp"
#include "poll/fetch/token_source.hpp"

namespace pollux::fetch {

/// What fetching took, also when it failed.
struct Effort {
  std::size_t attempts =
      0;  // requests for the steps, retries counted; tokens are shared and counted by the session
  std::size_t bytes = 0;  // of the answers
};

class UpstreamSession {
 public:
  /// Chances in [0, 1) for the jitter of the backoff; a fixed one in tests.
  using Chance = std::function<double()>;

  UpstreamSession(const config::Upstream& upstream, net::HttpClient& client, const Clock& clock,
                  Redactor& redactor, Chance chance);
  UpstreamSession(const UpstreamSession&) = delete;
  UpstreamSession& operator=(const UpstreamSession&) = delete;

  const config::Upstream& upstream() const { return upstream_; }

  /// Sends with the upstream's credentials, retries, and one renewal of the token on a 401. Adds to `effort`.
  Task<Result<net::HttpResponse>> send(net::HttpRequest request, Effort& effort);

  /// Requests sent since the start, tokens and retries counted.
  std::uint64_t requests() const { return requests_; }

 private:
  Task<Result<net::HttpResponse>> send_authorized(net::HttpRequest request, Effort& effort);
  Task<Result<net::HttpResponse>> send_with_retries(net::HttpRequest request, bool repeatable,
                                                    Effort& effort);
  Task<Result<net::HttpResponse>> attempt(net::HttpRequest request);

  const config::Upstream& upstream_;
  net::HttpClient& client_;
  const Clock& clock_;
  Chance chance_;
  net::Semaphore places_;
  std::unique_ptr<TokenSource> tokens_;
  std::uint64_t requests_ = 0;
};

}  // namespace pollux::fetch
