// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/s3_exchange.hpp"

#include <random>
#include <utility>

#include <fmt/format.h>

#include "base/digest.hpp"
#include "net/proxy_status.hpp"
#include "poll/publish/object_path.hpp"

namespace pollux::publish {
namespace {

using net::HttpResponse;

/// A clock that is off by more is for its owner to mend: nothing is signed for another day.
constexpr Millis kMostSkew = std::chrono::hours(24);
/// Correcting less would not have helped: S3 allows 15 minutes.
constexpr Millis kLeastSkew = std::chrono::minutes(1);

double random_chance() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
}

S3Tuning complete(S3Tuning tuning) {
  if (!tuning.chance) tuning.chance = random_chance;
  return tuning;
}

bool is_missing_key(const S3Call& call, const HttpResponse& response, const S3Fault& fault) {
  if (response.status != 404) return false;
  if (call.method == "HEAD") return true;  // its answer has no body
  return (call.method == "GET" || call.method == "DELETE") && fault.code == "NoSuchKey";
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

bool ended(std::string_view code) {
  return code == "ExpiredToken" || code == "InvalidToken" || code == "InvalidAccessKeyId" ||
         code == "TokenRefreshRequired";
}

config::S3Store in_region(config::S3Store store, const std::string& region) {
  store.region = region;
  return store;
}

}  // namespace

S3Exchange::S3Exchange(config::S3Store config, net::HttpClient& client, const Clock& clock,
                       asio::thread_pool& pool, S3Tuning tuning, S3Hearers hearers)
    : config_(std::move(config)),
      client_(client),
      clock_(clock),
      tuning_(complete(std::move(tuning))),
      hearers_(hearers),
      region_(config_.region),
      address_(s3_address(config_)),
      credentials_(make_credentials(config_, {client, clock, pool, hearers, tuning_.retry, tuning_.chance})),
      gate_(tuning_.retry.from, tuning_.retry.to) {}

Result<S3Call> S3Exchange::call(std::string method, const std::string& path) const {
  if (!address_) return std::unexpected(address_.error());
  if (auto fault = object_path_fault(path)) {
    return fail(ErrorKind::kStorage,
                fmt::format("s3 bucket {}: the path {} {}", config_.bucket, path, *fault));
  }
  static const std::string empty_hash = sha256_hex("");
  S3Call out;
  out.method = std::move(method);
  out.key = config_.prefix + path;
  out.hash = empty_hash;
  return out;
}

Task<Result<HttpResponse>> S3Exchange::send(S3Call call, S3Effort* effort) {
  S3Effort unseen;
  S3Effort& seen = effort != nullptr ? *effort : unseen;
  S3RetryRules rules = tuning_.retry;
  if (call.attempts > 0) rules.attempts = call.attempts;
  auto started = clock_.steady();
  Mended mended;
  for (std::size_t attempt = 1;;) {
    const S3Asked asks = asked(call);
    auto turned_away = co_await wait_turn(asks);
    if (turned_away) co_return std::unexpected(std::move(*turned_away));
    auto keys = co_await credentials_->keys();
    if (!keys) {
      Error error = s3_unanswered(asks, keys.error(), "");
      if (keys.error().kind == ErrorKind::kForbidden) error.kind = ErrorKind::kForbidden;
      co_return std::unexpected(std::move(error));
    }
    const Sent sent{region_, skew_, *keys};
    auto request = signed_request(call, sent);
    const bool by_proxy = net::proxy_sees(request);
    auto answer = co_await client_.send(std::move(request));
    if (auto refused = by_proxy && answer ? s3_refused_by_proxy(asks, *answer) : std::nullopt)
      co_return std::unexpected(std::move(*refused));
    if (!answer && answer.error().kind == ErrorKind::kCanceled) co_return answer;
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
    if (call.late_errors && answer && answer->status == 200 && !parse_s3_fault(answer->body).code.empty())
      answer->status = 500;
    auto fault = answer && answer->status >= 300 ? parse_s3_fault(answer->body) : S3Fault();
    if (answer && (answer->status / 100 == 2 || is_missing_key(call, *answer, fault))) {
      gate_.passed();
      co_return answer;
    }
    if (answer && mend(sent, *answer, fault, mended)) continue;
    auto outcome = outcome_of(answer, fault);
    seen.uncertain |= outcome.status == 0 || outcome.status >= 500;
    slow_down(outcome);
    auto wait = s3_next_attempt(rules, attempt, outcome, tuning_.chance());
    if (!wait) {
      auto spent = std::chrono::duration_cast<Millis>(clock_.steady() - started);
      std::string tries;
      if (attempt > 1) tries = fmt::format(" after {} attempts in {}", attempt, describe_duration(spent));
      if (!answer) co_return std::unexpected(s3_unanswered(asks, answer.error(), tries));
      auto error = s3_answered(asks, *answer, tries);
      if (outcome.asked) error.retry = Retry::after(*outcome.asked);
      co_return std::unexpected(std::move(error));
    }
    ++attempt;
    bool waited = co_await pause(*wait);
    if (!waited) co_return fail(ErrorKind::kCanceled, asks.front + ": stopped while waiting to try again");
  }
}

Task<std::optional<Error>> S3Exchange::wait_turn(const S3Asked& asked) {
  auto turn = gate_.turn(clock_.steady(), tuning_.retry.longest_asked);
  if (!turn) {
    co_return Error{ErrorKind::kStorage,
                    fmt::format("{}: not sent: the server asked all who write to this store for less, and "
                                "others come first",
                                asked.front),
                    Retry::later(), ""};
  }
  if (*turn == Millis(0)) co_return std::nullopt;
  bool waited = co_await pause(*turn);
  if (waited) co_return std::nullopt;
  co_return Error{ErrorKind::kCanceled, asked.front + ": stopped while waiting for its turn", Retry::never(),
                  ""};
}

net::HttpRequest S3Exchange::signed_request(const S3Call& call, const Sent& sent) {
  if (!signer_ || keys_ != sent.keys || signed_for_ != sent.region) {
    signer_.emplace(*sent.keys, sign::SigningScope{sent.region, "s3"}, sign::SigningRules::s3());
    keys_ = sent.keys;
    signed_for_ = sent.region;
  }
  auto path = address_->path_of(call.key);
  net::Headers headers = call.headers;
  headers.emplace_back("Host", address_->host);
  auto added =
      signer_->sign({call.method, path, call.query, std::move(headers), call.hash}, clock_.now() + sent.skew);

  auto url = address_->origin + path;
  if (!call.query.empty()) url += "?" + call.query;
  net::HttpRequest request = base_request(config_, std::move(url));
  request.method = call.method;
  request.headers = call.headers;
  request.headers.insert(request.headers.end(), std::make_move_iterator(added.begin()),
                         std::make_move_iterator(added.end()));
  request.body = call.body;
  request.max_body = tuning_.largest;
  request.decompress = false;  // get() undoes gzip itself, within a bound
  return request;
}

bool S3Exchange::mend(const Sent& sent, const HttpResponse& response, const S3Fault& fault, Mended& mended) {
  if (!mended.region && follow_region(sent, response, fault)) return mended.region = true;
  if (!mended.clock && fault.code == "RequestTimeTooSkewed" && correct_clock(sent, response))
    return mended.clock = true;
  if (!mended.keys && ended(fault.code) && credentials_->refused(sent.keys)) return mended.keys = true;
  return false;
}

// A host of one's own is not found by its region: there only the signature changes.
bool S3Exchange::follow_region(const Sent& sent, const HttpResponse& response, const S3Fault& fault) {
  const bool moved = response.status == 301 && config_.endpoint.empty();
  const bool signed_wrongly = response.status == 400 && (fault.code == "AuthorizationHeaderMalformed" ||
                                                         (fault.code.empty() && response.body.empty()));
  if (!moved && !signed_wrongly) return false;
  const std::string region = s3_region_of(response);
  if (region.empty() || region == sent.region) return false;
  if (region == region_) return true;  // another request has found it meanwhile
  auto address = s3_address(in_region(config_, region));
  if (!address) return false;
  address_ = std::move(address);
  region_ = region;
  if (hearers_.logger != nullptr) {
    hearers_.logger->warning("store_region",
                             fmt::format("s3 bucket {}: it is in {}, not in {}: followed; write `region: {}`",
                                         config_.bucket, region, sent.region, region),
                             {{"bucket", config_.bucket}, {"region", region}});
  }
  return true;
}

bool S3Exchange::correct_clock(const Sent& sent, const HttpResponse& response) {
  const auto date = net::parse_http_date(std::string(response.header("Date")));
  if (!date) return false;
  const Millis skew = *date - clock_.now();
  if (std::chrono::abs(skew) > kMostSkew || std::chrono::abs(skew - sent.skew) < kLeastSkew) return false;
  skew_ = skew;
  if (hearers_.logger != nullptr) {
    const auto behind = std::chrono::round<std::chrono::seconds>(skew).count();
    hearers_.logger->warning(
        "store_clock",
        fmt::format("s3 bucket {}: this machine's clock is {} {} that of {}: requests are signed for the "
                    "server's time; correct this machine's clock",
                    config_.bucket, describe_duration(std::chrono::abs(skew)),
                    behind > 0 ? "behind" : "ahead of", address_->host),
        {{"bucket", config_.bucket}, {"behind_seconds", static_cast<std::int64_t>(behind)}});
  }
  return true;
}

void S3Exchange::slow_down(const S3Outcome& outcome) {
  if (outcome.status != 503 && outcome.status != 429 && outcome.code != "SlowDown") return;
  const bool first = gate_.slowed(clock_.steady(), outcome.asked);
  if (!first || hearers_.logger == nullptr) return;
  hearers_.logger->warning(
      "store_slow",
      fmt::format("s3 bucket {}: {} from {}: all that is written there goes one by one "
                  "until it gets better",
                  config_.bucket, outcome.status, address_->host),
      {{"bucket", config_.bucket}, {"status", static_cast<std::int64_t>(outcome.status)}});
}

std::string S3Exchange::front(const S3Call& call) const {
  return fmt::format("s3 bucket {} at {}: {} {}", config_.bucket, address_->host, call.method, call.key);
}

S3Asked S3Exchange::asked(const S3Call& call) const {
  return S3Asked{front(call), call.fenced, [this](std::string_view text) { return reveals(text); }};
}

bool S3Exchange::reveals(std::string_view text) const {
  auto stands = [&](const Secret& secret) {
    return !secret.empty() && text.find(secret.reveal()) != text.npos;
  };
  if (stands(config_.secret_access_key) || (config_.session_token && stands(*config_.session_token)))
    return true;
  if (keys_ && (stands(keys_->secret_access_key) || (keys_->session_token && stands(*keys_->session_token))))
    return true;
  return hearers_.redactor != nullptr && hearers_.redactor->reveals(text);
}

}  // namespace pollux::publish
