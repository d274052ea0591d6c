// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/s3_store.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "base/digest.hpp"
#include "config/environment_proxy.hpp"
#include "net/on_pool.hpp"
#include "net/proxy_status.hpp"
#include "poll/publish/object_path.hpp"
#include "poll/publish/s3_error.hpp"

namespace pollux::publish {
namespace {

using net::HttpResponse;

double random_chance() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
}

bool is_missing_key(const HttpResponse& response) {
  return response.status == 404 && parse_s3_fault(response.body).code == "NoSuchKey";
}

/// false: canceled meanwhile.
Task<bool> pause(Millis wait) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, wait);
  try {
    co_await timer.async_wait(asio::use_awaitable);
    co_return true;
  } catch (const boost::system::system_error& e) {
    if (e.code() != asio::error::operation_aborted) throw;
  }
  co_return false;
}

/// Only the kinds that Store promises; what else a client can meet is the store's fault to whoever publishes.
ErrorKind store_kind(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kNetwork:
    case ErrorKind::kTimeout:
    case ErrorKind::kTls:
    case ErrorKind::kProxy:
    case ErrorKind::kCanceled:
      return kind;
    default:
      return ErrorKind::kStorage;
  }
}

S3Outcome outcome_of(const Result<HttpResponse>& answer, const S3Fault& fault) {
  S3Outcome out;
  if (!answer) {
    out.unanswered = answer.error().retry;
  } else {
    out.status = answer->status;
    out.code = fault.code;
    out.asked = retry_after(answer->header("Retry-After"));
  }
  return out;
}

/// Where another region is meant, the server names it; it is repeated only if it looks like one.
std::string region_hint(const HttpResponse& response) {
  auto region = response.header("x-amz-bucket-region");
  bool plain = !region.empty() && region.size() <= 32 &&
               region.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
  return plain ? fmt::format(" (the server says {})", region) : "";
}

}  // namespace

net::HttpRequest base_request(const config::S3Store& store, std::string url) {
  net::HttpRequest request;
  request.url = std::move(url);
  request.way.proxy =
      store.environment_proxy ? config::proxy_for(*store.environment_proxy, request.url) : store.proxy;
  request.way.proxy_ca_file = store.proxy_ca_file;
  request.way.ca_file = store.ca_file;
  request.connect_timeout = store.timeouts.connect;
  request.total_timeout = store.timeouts.total;
  request.stall_timeout = store.timeouts.stall;
  return request;
}

S3Store::S3Store(config::S3Store config, net::HttpClient& client, const Clock& clock, asio::thread_pool& pool,
                 S3Tuning tuning)
    : config_(std::move(config)),
      client_(client),
      clock_(clock),
      pool_(pool),
      tuning_(std::move(tuning)),
      address_(s3_address(config_)),
      signer_({config_.access_key_id, config_.secret_access_key, config_.session_token},
              {config_.region, "s3"}, sign::SigningRules::s3()) {
  if (!tuning_.chance) tuning_.chance = random_chance;
}

Task<Result<void>> S3Store::put(Object object) {
  auto made = call("PUT", object.path);
  if (!made) co_return std::unexpected(made.error());
  auto payload = co_await prepare_somewhere(std::move(object.body));
  if (!payload) co_return std::unexpected(payload.error());
  made->body = std::move(payload->body);
  made->hash = std::move(payload->hash);
  auto type = object.content_type.empty() ? std::string(content_type_of(object.path)) : object.content_type;
  made->headers.emplace_back("Content-Type", std::move(type));
  if (!object.cache_control.empty())
    made->headers.emplace_back("Cache-Control", std::move(object.cache_control));
  if (payload->gzip) made->headers.emplace_back("Content-Encoding", "gzip");
  if (!config_.acl.empty()) made->headers.emplace_back("X-Amz-Acl", config_.acl);
  auto answer = co_await exchange(std::move(*made));
  if (!answer) co_return std::unexpected(answer.error());
  co_return Result<void>();
}

Task<Result<std::optional<Object>>> S3Store::get(std::string path) {
  auto made = call("GET", path);
  if (!made) co_return std::unexpected(made.error());
  auto front = in_front(*made);
  auto answer = co_await exchange(std::move(*made));
  if (!answer) co_return std::unexpected(answer.error());
  if (answer->status == 404) co_return std::nullopt;

  Object object{std::move(path), std::move(answer->body), std::string(answer->header("Content-Type")),
                std::string(answer->header("Cache-Control"))};
  if (answer->header("Content-Encoding") != "gzip") co_return object;
  auto most = tuning_.largest;
  auto work = [packed = std::move(object.body), most] { return gunzip(packed, most); };
  auto body = co_await net::on_pool(pool_, std::move(work));
  if (!body) {
    co_return fail(store_kind(body.error().kind), fmt::format("{}: {}", front, body.error().message));
  }
  object.body = std::move(*body);
  co_return object;
}

Task<Result<void>> S3Store::remove(std::string path) {
  auto made = call("DELETE", path);
  if (!made) co_return std::unexpected(made.error());
  auto answer = co_await exchange(std::move(*made));
  if (!answer) co_return std::unexpected(answer.error());
  co_return Result<void>();
}

S3Store::Payload S3Store::prepare(std::string body, GzipCompressor* gzip) {
  Payload out;
  auto packed = gzip != nullptr ? gzip->compress(body) : std::nullopt;
  out.gzip = packed.has_value();
  out.body = packed ? std::move(*packed) : std::move(body);
  out.hash = sha256_hex(out.body);
  return out;
}

Task<Result<S3Store::Payload>> S3Store::prepare_somewhere(std::string body) {
  if (body.size() <= kInline) co_return prepare(std::move(body), config_.gzip ? &gzip_ : nullptr);
  auto work = [body = std::move(body), pack = config_.gzip]() mutable -> Result<Payload> {
    GzipCompressor own;  // the store's belongs to the io thread
    return prepare(std::move(body), pack ? &own : nullptr);
  };
  co_return co_await net::on_pool(pool_, std::move(work));
}

Result<S3Store::Call> S3Store::call(std::string method, const std::string& path) const {
  if (!address_) return std::unexpected(address_.error());
  if (auto fault = object_path_fault(path)) {
    return fail(ErrorKind::kStorage,
                fmt::format("s3 bucket {}: the path {} {}", config_.bucket, path, *fault));
  }
  static const std::string empty_hash = sha256_hex("");
  return Call{std::move(method), config_.prefix + path, {}, "", empty_hash};
}

net::HttpRequest S3Store::signed_request(const Call& call) {
  auto path = address_->path_of(call.key);
  net::Headers headers = call.headers;
  headers.emplace_back("Host", address_->host);
  auto added = signer_.sign({call.method, path, "", std::move(headers), call.hash}, clock_.now());

  net::HttpRequest request = base_request(config_, address_->origin + path);
  request.method = call.method;
  request.headers = call.headers;
  request.headers.insert(request.headers.end(), std::make_move_iterator(added.begin()),
                         std::make_move_iterator(added.end()));
  request.body = call.body;
  request.max_body = tuning_.largest;
  request.decompress = false;  // get() undoes gzip itself, within a bound
  return request;
}

Task<Result<HttpResponse>> S3Store::exchange(Call call) {
  auto started = clock_.steady();
  for (std::size_t attempt = 1;; ++attempt) {
    auto request = signed_request(call);
    const bool by_proxy = request.way.proxy.has_value() && request.url.starts_with("http:");
    auto answer = co_await client_.send(std::move(request));
    if (auto refused = by_proxy && answer ? refused_by_proxy(call, *answer) : std::nullopt)
      co_return std::unexpected(std::move(*refused));
    if (answer && (answer->status / 100 == 2 || (call.method != "PUT" && is_missing_key(*answer)))) {
      co_return answer;
    }
    if (!answer && answer.error().kind == ErrorKind::kCanceled) co_return answer;
    auto fault = answer ? parse_s3_fault(answer->body) : S3Fault();
    auto outcome = outcome_of(answer, fault);
    auto wait = s3_next_attempt(tuning_.retry, attempt, outcome, tuning_.chance());
    if (!wait) {
      auto spent = std::chrono::duration_cast<Millis>(clock_.steady() - started);
      std::string tries;
      if (attempt > 1) tries = fmt::format(" after {} attempts in {}", attempt, describe_duration(spent));
      if (!answer) co_return std::unexpected(unanswered(call, answer.error(), tries));
      auto error = answered(call, *answer, tries);
      if (outcome.asked) error.retry = Retry::after(*outcome.asked);
      co_return std::unexpected(std::move(error));
    }
    bool waited = co_await pause(*wait);
    if (!waited)
      co_return fail(ErrorKind::kCanceled, in_front(call) + ": stopped while waiting to try again");
  }
}

Error S3Store::answered(const Call& call, const HttpResponse& response, std::string_view tries) const {
  auto fault = parse_s3_fault(response.body);
  bool refused = response.status == 401 || response.status == 403;
  S3Outcome outcome{response.status, fault.code, {}, {}};
  std::string advice(s3_advice(fault.code));
  if (fault.code == "PermanentRedirect" || fault.code == "AuthorizationHeaderMalformed")
    advice += region_hint(response);
  if (fault.code.empty())
    advice = "no error document of S3's came with it: check that endpoint is an S3 server";
  // The server's own words may repeat what was sent to it.
  bool quotable = !fault.message.empty() && !reveals(fault.message) && advice.empty();
  auto text = fmt::format("{}: {}{}{}{}{}", in_front(call), response.status, fault.code.empty() ? "" : " ",
                          fault.code, quotable ? " (" + fault.message + ")" : "", tries);
  if (reveals(text)) text = fmt::format("{}: {}{}", in_front(call), response.status, tries);
  if (!advice.empty() && !(s3_passing(outcome) && fault.code.empty())) text += "; " + advice;
  return Error{refused ? ErrorKind::kForbidden : ErrorKind::kStorage, std::move(text),
               s3_passing(outcome) ? Retry::later() : Retry::never(), ""};
}

// Otherwise its 403 would be looked for in the bucket's policy.
std::optional<Error> S3Store::refused_by_proxy(const Call& call, const HttpResponse& response) const {
  if (response.status < 400 || response.status >= 500) return std::nullopt;
  const std::string own = net::proxys_own_answer(response);
  if (own.empty()) return std::nullopt;
  return Error{ErrorKind::kProxy, fmt::format("{}: {}", in_front(call), own), Retry::never(), ""};
}

Error S3Store::unanswered(const Call& call, const Error& error, std::string_view tries) const {
  return Error{store_kind(error.kind), fmt::format("{}: {}{}", in_front(call), error.message, tries),
               error.retry, ""};
}

std::string S3Store::in_front(const Call& call) const {
  return fmt::format("s3 bucket {} at {}: {} {}", config_.bucket, address_->host, call.method, call.key);
}

bool S3Store::reveals(std::string_view text) const {
  auto stands = [&](const Secret& secret) {
    return !secret.empty() && text.find(secret.reveal()) != text.npos;
  };
  return stands(config_.secret_access_key) || (config_.session_token && stands(*config_.session_token));
}

}  // namespace pollux::publish
