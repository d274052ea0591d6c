#pragma once
// SPDX-License-Identifier: Apache-2.0
// Everything that the polls of one upstream share: its gate (concurrency, limits, breaker), its credentials,
// its retries. Owned by the app, one for each upstream; io thread. Errors are those of net, of retry.hpp for
// an answer that is not 2xx, and kLimited for what could not be sent before the next slot; the message tells
// how often and for how long it was tried, and what came back each time.

#include <memory>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "net/http_client.hpp"
#include "poll/fetch/answer_watch.hpp"
#include "poll/fetch/authorizer.hpp"
#include "poll/fetch/gate.hpp"

namespace pollux::fetch {

/// What fetching took, also when it failed.
struct Effort {
  std::size_t attempts =
      0;  // requests for the steps, retries counted; tokens are shared and counted by the session
  std::size_t bytes = 0;  // of the answers
  std::vector<std::string>
      failures;           // of each attempt that failed: "503", "timeout"; also when another did well
  std::size_t pages = 0;  // of steps that have pages
};

class UpstreamSession {
 public:
  UpstreamSession(const config::Upstream& upstream, SessionParts parts);
  UpstreamSession(const UpstreamSession&) = delete;
  UpstreamSession& operator=(const UpstreamSession&) = delete;

  const config::Upstream& upstream() const { return upstream_; }

  /// What is remembered at limits_key(), before the first request. Fails with kState.
  Result<void> restore(std::string_view saved) { return gate_.restore(saved); }

  /// Sends with the upstream's credentials, retries, and one renewal of the credentials on a 401. Adds to
  /// `effort`. An answer of 304 is good where the request was conditional (RFC 9110, 13.1).
  Task<Result<net::HttpResponse>> send(net::HttpRequest request, Manner manner, Effort& effort);

  /// Requests sent since the start, tokens and retries counted.
  std::uint64_t requests() const { return requests_; }

 private:
  /// One attempt, and how far it came.
  struct Attempt {
    Result<net::HttpResponse> result;
    bool sent = false;
    std::string failure;      // "503"; empty where it did well
    bool as_another = false;  // refused, and there are other credentials to try
  };
  struct Turn {
    Gate::Pass pass;
    net::HttpRequest request;
  };

  Task<Result<net::HttpResponse>> send_with(Authorizer* authorizer, net::HttpRequest request, Manner manner,
                                            Effort& effort);
  Task<Attempt> attempt(Authorizer* authorizer, net::HttpRequest request, Manner manner, bool first,
                        std::size_t renewed);
  Task<Result<Turn>> take_turn(Authorizer* authorizer, const net::HttpRequest& request, Manner manner,
                               bool first);
  Task<Result<net::HttpResponse>> deliver(net::HttpRequest request, const Manner& manner);
  Task<> heed(int status, const std::optional<AskedToWait>& asked);

  const config::Upstream& upstream_;
  SessionParts parts_;
  Gate gate_;
  std::unique_ptr<Authorizer> authorizer_;
  AnswerWatch watch_;
  std::uint64_t requests_ = 0;
  std::size_t refusals_ = 0;  // answers of 429 in a row
};

}  // namespace pollux::fetch
