// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/pace/retry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "net/http_client.hpp"

namespace pollux::fetch {
namespace {

bool may_pass(int status) {
  constexpr int kPassing[] = {408, 425, 429, 500, 502, 503, 504};
  return std::ranges::find(kPassing, status) != std::end(kPassing);
}

ErrorKind kind_of(int status) {
  switch (status) {
    case 401:
      return ErrorKind::kUnauthorized;
    case 403:
      return ErrorKind::kForbidden;
    case 407:
      return ErrorKind::kProxy;
    case 429:
      return ErrorKind::kRateLimited;
    default:
      if (status >= 300 && status < 400 && status != 304) return ErrorKind::kRedirect;
      return status == 206 ? ErrorKind::kTruncated : ErrorKind::kStatus;
  }
}

std::string_view advice_for(int status) {
  switch (status) {
    case 401:
      return "; check the upstream's auth";
    case 403:
      return "; the credentials are known but may not do this";
    case 404:
      return "; check the step's path";
    case 407:
      return "; check the user and password in the proxy's address";
    default:
      return "";
  }
}

}  // namespace

Millis backoff_after(const config::RetryPolicy& policy, std::size_t failed, double chance) {
  double ceiling = static_cast<double>(policy.backoff_from.count()) *
                   std::exp2(static_cast<double>(std::min<std::size_t>(failed - 1, 40)));
  ceiling = std::min(ceiling, static_cast<double>(policy.backoff_to.count()));
  return Millis(static_cast<std::int64_t>(ceiling * chance));
}

std::optional<Millis> wait_before_retry(const config::RetryPolicy& policy, std::size_t failed,
                                        const Error& error, double chance, std::optional<Millis> room) {
  if (error.retry.when == Retry::When::kNever || failed >= policy.attempts) return std::nullopt;
  const bool asked = error.retry.when == Retry::When::kAfter && error.retry.delay > Millis(0);
  const Millis wait = asked ? error.retry.delay : backoff_after(policy, failed, chance);
  const Millis longest = std::max<Millis>(policy.backoff_to, std::chrono::seconds(30));
  const bool too_long = room ? wait >= *room : asked && wait > longest;
  return too_long ? std::nullopt : std::optional(wait);
}

std::optional<Millis> parse_retry_after(std::string_view value, Time now) {
  constexpr Millis kLongest = std::chrono::hours(24);
  long long seconds = 0;
  auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error == std::errc() && end == value.data() + value.size()) {
    if (seconds < 0) return std::nullopt;
    return std::min<Millis>(kLongest, std::chrono::seconds(std::min(seconds, 86'400LL)));
  }
  auto at = net::parse_http_date(std::string(value));
  if (!at) return std::nullopt;
  return std::clamp<Millis>(*at - now, Millis(0), kLongest);
}

std::optional<Error> error_of_status(int status, std::string_view host, std::optional<Millis> retry_after) {
  if (status >= 200 && status < 300 && status != 206) return std::nullopt;
  Error error{
      kind_of(status), fmt::format("{} from {}{}", status, host, advice_for(status)), Retry::never(), {}};
  if (!may_pass(status)) return error;
  error.retry = retry_after ? Retry::after(*retry_after) : Retry::later();
  return error;
}

}  // namespace pollux::fetch
