#pragma once
// SPDX-License-Identifier: Apache-2.0
// Objects in a bucket of Amazon S3 or of whatever speaks its protocol. Compresses what becomes smaller by it;
// the requests themselves are S3Exchange's. Owned by the app, used on the io thread; bodies over
// kInline are compressed on the pool. `clock` must be the real one even under --at: S3 refuses signatures of
// another time. Cancellation ends the transfer or the wait and gives kCanceled. Errors: as Store says; each
// names bucket, host, key, status, S3's code, what to do.

#include <boost/asio/thread_pool.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "net/http_client.hpp"
#include "poll/publish/gzip.hpp"
#include "poll/publish/s3_exchange.hpp"
#include "poll/publish/store.hpp"

namespace pollux::publish {

class S3Store final : public Store {
 public:
  /// Compressing this much takes under a millisecond: less than the way to a pool and back is worth sparing.
  static constexpr std::size_t kInline = 64 * 1024;

  S3Store(config::S3Store config, net::HttpClient& client, const Clock& clock, asio::thread_pool& pool,
          S3Tuning tuning = {}, S3Hearers hearers = {});

  std::string target() const override;
  Task<Result<void>> put(Object object) override;
  Task<Result<std::optional<Object>>> get(std::string path) override;
  Task<Result<void>> remove(std::string path) override;
  /// By If-Match and If-None-Match: the version is the object's ETag.
  Task<Result<void>> put_fenced(Object object, Fence& fence) override;
  Task<Result<std::optional<Object>>> get_fenced(std::string path, Fence& fence) override;

 private:
  struct Payload {
    std::string body;
    bool gzip = false;
    std::string hash;      // empty where it goes in parts, each with its own
    std::string checksum;  // the same; empty where none is asked for
  };

  Payload prepare(std::string body, GzipCompressor* gzip) const;
  Task<Result<void>> put_on(Object object, Fence* fence);
  Task<Result<std::optional<Object>>> get_into(std::string path, Fence* fence);
  Task<Result<net::HttpResponse>> send(S3Call call, Fence* fence);
  void add_headers(const Object& object, const Payload& payload, S3Call& call) const;
  /// Whether the object that is there is the one that was sent with this mark; its version.
  Task<std::optional<std::string>> found_mark(const S3Call& call, std::string mark);
  Task<Result<Payload>> prepare_somewhere(std::string body);

  config::S3Store config_;
  asio::thread_pool& pool_;
  S3Exchange exchange_;
  GzipCompressor gzip_;
};

}  // namespace pollux::publish
