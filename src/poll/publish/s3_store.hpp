#pragma once
// SPDX-License-Identifier: Apache-2.0
// Objects in a bucket of Amazon S3 or of whatever speaks its protocol. Signs each attempt anew, compresses
// what becomes smaller by it, tries again what can pass. Owned by the app, used on the io thread; bodies over
// kInline are compressed on the pool. `clock` must be the real one even under --at: S3 refuses signatures of
// another time. Cancellation ends the transfer or the wait and gives kCanceled. Errors: as Store says; each
// names bucket, host, key, status, S3's code, what to do.

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "config/config.hpp"
#include "net/http_client.hpp"
#include "poll/publish/gzip.hpp"
#include "poll/publish/s3_address.hpp"
#include "poll/publish/s3_retry.hpp"
#include "poll/publish/store.hpp"
#include "sign/sigv4.hpp"

namespace pollux::publish {

/// What only tests change.
struct S3Tuning {
  S3RetryRules retry;
  std::function<double()> chance;  // in [0, 1); empty: a good random source
  Bytes largest{256ULL << 20};     // get() takes no object beyond this
};

/// A request to the bucket's server with its timeouts and its way, unsigned.
net::HttpRequest base_request(const config::S3Store& store, std::string url);

class S3Store final : public Store {
 public:
  /// Compressing this much takes under a millisecond: less than the way to a pool and back is worth sparing.
  static constexpr std::size_t kInline = 64 * 1024;

  S3Store(config::S3Store config, net::HttpClient& client, const Clock& clock, asio::thread_pool& pool,
          S3Tuning tuning = {});

  std::string target() const override {
    return "s3 " + config_.endpoint + " " + config_.region + " " + config_.bucket + " " + config_.prefix;
  }
  Task<Result<void>> put(Object object) override;
  Task<Result<std::optional<Object>>> get(std::string path) override;
  Task<Result<void>> remove(std::string path) override;

 private:
  /// One request before it is signed.
  struct Call {
    std::string method;
    std::string key;
    net::Headers headers;
    std::string body;
    std::string hash;
  };
  struct Payload {
    std::string body;
    bool gzip = false;
    std::string hash;
  };

  static Payload prepare(std::string body, GzipCompressor* gzip);
  Task<Result<Payload>> prepare_somewhere(std::string body);
  Result<Call> call(std::string method, const std::string& path) const;
  net::HttpRequest signed_request(const Call& call);
  /// With its attempts and waits. Any answer below 300 is a value, and so is "no such key".
  Task<Result<net::HttpResponse>> exchange(Call call);
  Error answered(const Call& call, const net::HttpResponse& response, std::string_view tries) const;
  std::optional<Error> refused_by_proxy(const Call& call, const net::HttpResponse& response) const;
  Error unanswered(const Call& call, const Error& error, std::string_view tries) const;
  std::string in_front(const Call& call) const;
  bool reveals(std::string_view text) const;

  config::S3Store config_;
  net::HttpClient& client_;
  const Clock& clock_;
  asio::thread_pool& pool_;
  S3Tuning tuning_;
  Result<S3Address> address_;
  sign::Signer signer_;
  GzipCompressor gzip_;
};

}  // namespace pollux::publish
