#pragma once
// SPDX-License-Identifier: Apache-2.0
// One request to a bucket's server, with all that is the same for each: keys that are good, a signature for
// each attempt, retries, the pace that the server asks for; a bucket that is in another region is followed
// there, a clock that is wrong is corrected, keys that have ended are asked for anew, each once for a request
// and remembered. Owned by the store, used on the io thread. Cancellation ends the transfer or the wait and
// gives kCanceled.

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "config/config.hpp"
#include "net/http_client.hpp"
#include "poll/publish/credentials_source.hpp"
#include "poll/publish/key_endpoints.hpp"
#include "poll/publish/s3_address.hpp"
#include "poll/publish/s3_error.hpp"
#include "poll/publish/s3_gate.hpp"
#include "poll/publish/s3_refusal.hpp"
#include "poll/publish/s3_retry.hpp"
#include "sign/sigv4.hpp"

namespace pollux::publish {

/// What only tests change.
struct S3Tuning {
  S3RetryRules retry;
  std::function<double()> chance;  // in [0, 1); empty: a good random source
  Bytes largest{256ULL << 20};     // get() takes no object beyond this
  Bytes parts_from{64ULL << 20};   // put() sends more than this in parts
  Bytes part{16ULL << 20};         // of this size; at least 5 MiB to S3, but the last
};

/// One request before it is signed.
struct S3Call {
  std::string method;
  std::string key;
  net::Headers headers;
  std::string body;
  std::string hash;          // sha256_hex(body)
  std::string query;         // "uploads=", each value percent-encoded
  bool fenced = false;       // it has an If-Match or an If-None-Match
  bool late_errors = false;  // the server answers 200 before it knows, and may then say <Error>
  std::size_t attempts = 0;  // at most; 0: as the rules say
};

/// What came of the attempts, whatever the answer.
struct S3Effort {
  bool uncertain = false;  // one that got no answer, or a 5xx, may have done its work all the same
};

class S3Exchange {
 public:
  /// All but `config`, `tuning` and `hearers` must outlive it.
  S3Exchange(config::S3Store config, net::HttpClient& client, const Clock& clock, asio::thread_pool& pool,
             S3Tuning tuning, S3Hearers hearers);

  const config::S3Store& config() const { return config_; }
  const S3Tuning& tuning() const { return tuning_; }

  /// kUsage: the endpoint is none; kStorage: the path is none.
  Result<S3Call> call(std::string method, const std::string& path) const;

  /// With its attempts and waits. Any answer below 300 is a value, and so is "no such key" to GET, HEAD and
  /// DELETE. Errors as Store says.
  Task<Result<net::HttpResponse>> send(S3Call call, S3Effort* effort = nullptr);

  /// "s3 bucket pub at host: PUT a.json"
  std::string front(const S3Call& call) const;

 private:
  /// With what one attempt went out.
  struct Sent {
    std::string region;
    Millis skew{0};
    Keys keys;
  };
  /// What has been put right for one request: each once.
  struct Mended {
    bool region = false;
    bool clock = false;
    bool keys = false;
  };

  /// nullopt: it is this request's turn.
  Task<std::optional<Error>> wait_turn(const S3Asked& asked);
  net::HttpRequest signed_request(const S3Call& call, const Sent& sent);
  bool mend(const Sent& sent, const net::HttpResponse& response, const S3Fault& fault, Mended& mended);
  bool follow_region(const Sent& sent, const net::HttpResponse& response, const S3Fault& fault);
  bool correct_clock(const Sent& sent, const net::HttpResponse& response);
  void slow_down(const S3Outcome& outcome);
  S3Asked asked(const S3Call& call) const;
  bool reveals(std::string_view text) const;

  config::S3Store config_;
  net::HttpClient& client_;
  const Clock& clock_;
  S3Tuning tuning_;
  S3Hearers hearers_;
  std::string region_;  // where the bucket is, as far as is known
  Millis skew_{0};      // how far our clock is behind the server's
  Result<S3Address> address_;
  std::unique_ptr<CredentialsSource> credentials_;
  S3Gate gate_;
  Keys keys_;  // those of signer_
  std::string signed_for_;
  std::optional<sign::Signer> signer_;
};

}  // namespace pollux::publish
