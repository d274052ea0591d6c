// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/s3_store.hpp"

#include <random>
#include <utility>

#include <fmt/format.h>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "net/on_pool.hpp"
#include "poll/publish/object_path.hpp"
#include "poll/publish/s3_checksum.hpp"
#include "poll/publish/s3_multipart.hpp"

namespace pollux::publish {
namespace {

std::string random_mark() {
  thread_local std::random_device source;
  std::string bytes;
  for (int i = 0; i < 16; ++i) bytes += static_cast<char>(source() & 0xFF);
  return hex(bytes);
}

}  // namespace

S3Store::S3Store(config::S3Store config, net::HttpClient& client, const Clock& clock, asio::thread_pool& pool,
                 S3Tuning tuning, S3Hearers hearers)
    : config_(std::move(config)),
      pool_(pool),
      exchange_(config_, client, clock, pool, std::move(tuning), hearers) {}

// As the file has it: a bucket that turns out to be in another region is the same bucket.
std::string S3Store::target() const {
  return "s3 " + config_.endpoint + " " + config_.region + " " + config_.bucket + " " + config_.prefix;
}

Task<Result<void>> S3Store::put(Object object) { return put_on(std::move(object), nullptr); }

Task<Result<void>> S3Store::put_fenced(Object object, Fence& fence) {
  return put_on(std::move(object), &fence);
}

Task<Result<std::optional<Object>>> S3Store::get(std::string path) {
  return get_into(std::move(path), nullptr);
}

Task<Result<std::optional<Object>>> S3Store::get_fenced(std::string path, Fence& fence) {
  return get_into(std::move(path), &fence);
}

Task<Result<void>> S3Store::put_on(Object object, Fence* fence) {
  auto made = exchange_.call("PUT", object.path);
  if (!made) co_return std::unexpected(made.error());
  auto payload = co_await prepare_somewhere(std::move(object.body));
  if (!payload) co_return std::unexpected(payload.error());
  add_headers(object, *payload, *made);
  made->body = std::move(payload->body);
  made->hash = std::move(payload->hash);
  auto answer = co_await send(std::move(*made), fence);
  if (!answer) co_return std::unexpected(answer.error());
  if (fence != nullptr) fence->version = plain_etag(answer->header("ETag"));
  co_return Result<void>();
}

void S3Store::add_headers(const Object& object, const Payload& payload, S3Call& call) const {
  auto& headers = call.headers;
  auto type = object.content_type.empty() ? std::string(content_type_of(object.path)) : object.content_type;
  headers.emplace_back("Content-Type", std::move(type));
  if (!object.cache_control.empty()) headers.emplace_back("Cache-Control", object.cache_control);
  if (payload.gzip) headers.emplace_back("Content-Encoding", "gzip");
  if (!config_.acl.empty()) headers.emplace_back("X-Amz-Acl", config_.acl);
  if (!config_.encryption.empty()) headers.emplace_back("X-Amz-Server-Side-Encryption", config_.encryption);
  if (!config_.encryption_key.empty())
    headers.emplace_back("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", config_.encryption_key);
  if (!payload.checksum.empty()) headers.emplace_back(checksum_header(config_.checksum), payload.checksum);
}

// An answer that got lost leaves a question: the next attempt meets the fence that this writer's own object
// is. So each object that a fence is for carries a mark by which its writer knows it again.
Task<Result<net::HttpResponse>> S3Store::send(S3Call call, Fence* fence) {
  const bool in_parts = call.body.size() > exchange_.tuning().parts_from.count;
  net::Headers conditions;
  std::string mark;
  if (fence != nullptr || in_parts) {
    mark = random_mark();
    call.headers.emplace_back("X-Amz-Meta-Pollux-Mark", mark);
  }
  if (fence != nullptr) {
    conditions.emplace_back(fence->version.empty() ? "If-None-Match" : "If-Match",
                            fence->version.empty() ? "*" : fence->version);
    call.fenced = true;
  }
  S3Effort effort;
  auto* seen = &effort;
  Result<net::HttpResponse> answer;
  S3Call again;  // whatever becomes of `call`
  again.key = call.key;
  if (in_parts) {
    answer = co_await put_in_parts(exchange_, pool_, call, conditions, effort);
  } else {
    call.headers.insert(call.headers.end(), conditions.begin(), conditions.end());
    answer = co_await exchange_.send(std::move(call), seen);
  }
  const bool in_question =
      !mark.empty() && !answer && effort.uncertain && answer.error().kind != ErrorKind::kCanceled;
  if (!in_question) co_return answer;
  auto version = co_await found_mark(again, std::move(mark));
  if (!version) co_return answer;
  net::HttpResponse own{200, {}, ""};
  own.headers.emplace_back("ETag", std::move(*version));
  co_return own;
}

Task<std::optional<std::string>> S3Store::found_mark(const S3Call& call, std::string mark) {
  S3Call head;
  head.method = "HEAD";
  head.key = call.key;
  head.hash = sha256_hex("");
  auto answer = co_await exchange_.send(std::move(head));
  if (!answer || answer->header("x-amz-meta-pollux-mark") != mark) co_return std::nullopt;
  co_return std::string(answer->header("ETag"));
}

Task<Result<std::optional<Object>>> S3Store::get_into(std::string path, Fence* fence) {
  auto made = exchange_.call("GET", path);
  if (!made) co_return std::unexpected(made.error());
  auto front = exchange_.front(*made);
  auto answer = co_await exchange_.send(std::move(*made));
  if (!answer) co_return std::unexpected(answer.error());
  if (fence != nullptr) fence->version = answer->status == 404 ? "" : plain_etag(answer->header("ETag"));
  if (answer->status == 404) co_return std::nullopt;
  if (fence != nullptr && fence->version.empty())
    co_return fail(ErrorKind::kStorage, front + ": the server shows no ETag to hold a writer against");

  Object object{std::move(path), std::move(answer->body), std::string(answer->header("Content-Type")),
                std::string(answer->header("Cache-Control"))};
  if (answer->header("Content-Encoding") != "gzip") co_return object;
  auto most = exchange_.tuning().largest;
  auto work = [packed = std::move(object.body), most] { return gunzip(packed, most); };
  auto body = co_await net::on_pool(pool_, std::move(work));
  if (!body) {
    co_return fail(store_kind(body.error().kind), fmt::format("{}: {}", front, body.error().message));
  }
  object.body = std::move(*body);
  co_return object;
}

Task<Result<void>> S3Store::remove(std::string path) {
  auto made = exchange_.call("DELETE", path);
  if (!made) co_return std::unexpected(made.error());
  auto answer = co_await exchange_.send(std::move(*made));
  if (!answer) co_return std::unexpected(answer.error());
  co_return Result<void>();
}

S3Store::Payload S3Store::prepare(std::string body, GzipCompressor* gzip) const {
  Payload out;
  auto packed = gzip != nullptr ? gzip->compress(body) : std::nullopt;
  out.gzip = packed.has_value();
  out.body = packed ? std::move(*packed) : std::move(body);
  if (out.body.size() > exchange_.tuning().parts_from.count) return out;
  out.hash = sha256_hex(out.body);
  out.checksum = checksum_of(config_.checksum, out.body);
  return out;
}

Task<Result<S3Store::Payload>> S3Store::prepare_somewhere(std::string body) {
  if (body.size() <= kInline) co_return prepare(std::move(body), config_.gzip ? &gzip_ : nullptr);
  auto work = [this, body = std::move(body), pack = config_.gzip]() mutable -> Result<Payload> {
    GzipCompressor own;  // the store's belongs to the io thread
    return prepare(std::move(body), pack ? &own : nullptr);
  };
  co_return co_await net::on_pool(pool_, std::move(work));
}

}  // namespace pollux::publish
