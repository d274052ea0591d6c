#pragma once
// SPDX-License-Identifier: Apache-2.0
// Everything that the polls of one upstream share: its concurrency, its credentials, its retries. Owned by
// the app, one for each upstream; io thread. Errors are those of net, and of retry.hpp for an answer that is
// not 2xx; the message tells how often and for how long it was tried.

#include <memory>

#include "config/config.hpp"
#include "net/http_client.hpp"
#include "net/semaphore.hpp"
#include "poll/fetch/answer_watch.hpp"
#include "poll/fetch/authorizer.hpp"

namespace pollux::fetch {

/// What fetching took, also when it failed.
struct Effort {
  std::size_t attempts =
      0;  // requests for the steps, retries counted; tokens are shared and counted by the session
  std::size_t bytes = 0;  // of the answers
};

class UpstreamSession {
 public:
  UpstreamSession(const config::Upstream& upstream, SessionParts parts);
  UpstreamSession(const UpstreamSession&) = delete;
  UpstreamSession& operator=(const UpstreamSession&) = delete;

  const config::Upstream& upstream() const { return upstream_; }

  /// Sends with the upstream's credentials, retries, and one renewal of the credentials on a 401. Adds to
  /// `effort`.
  Task<Result<net::HttpResponse>> send(net::HttpRequest request, Manner manner, Effort& effort);

  /// Requests sent since the start, tokens and retries counted.
  std::uint64_t requests() const { return requests_; }

 private:
  Task<Result<net::HttpResponse>> send_with(Authorizer* authorizer, net::HttpRequest request, Manner manner,
                                            Effort& effort);
  Task<Result<net::HttpResponse>> attempt(net::HttpRequest request);

  const config::Upstream& upstream_;
  SessionParts parts_;
  net::Semaphore places_;
  std::unique_ptr<Authorizer> authorizer_;
  AnswerWatch watch_;
  std::uint64_t requests_ = 0;
};

}  // namespace pollux::fetch
