// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/token_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cmath>

#include "poll/fetch/request.hpp"

namespace pollux::fetch {
namespace {

namespace json = boost::json;

std::optional<std::chrono::seconds> lifetime_of(const json::value& value) {
  double seconds = 0;
  if (value.is_number()) {
    seconds = value.to_number<double>();
  } else if (value.is_string()) {  // some servers quote it
    seconds = std::strtod(value.get_string().c_str(), nullptr);
  }
  if (!(seconds >= 1)) return std::nullopt;
  constexpr double kMonth = 30.0 * 24 * 3600;
  return std::chrono::seconds(static_cast<std::int64_t>(std::min(seconds, kMonth)));
}

}  // namespace

Result<TokenAnswer> parse_token_answer(std::string_view body, std::string_view host) {
  boost::system::error_code error;
  json::value parsed = json::parse(body, error);
  if (error || !parsed.is_object()) {
    return fail(ErrorKind::kMalformed,
                fmt::format("the token endpoint at {} did not answer with a JSON object", host));
  }
  const json::value* token = parsed.get_object().if_contains("access_token");
  if (token == nullptr || !token->is_string() || token->get_string().empty()) {
    return fail(ErrorKind::kMalformed,
                fmt::format("the token endpoint at {} answered without an access_token", host));
  }
  TokenAnswer answer{Secret(std::string(token->get_string())), std::chrono::seconds(3600)};
  if (const json::value* expires = parsed.get_object().if_contains("expires_in")) {
    answer.lifetime = lifetime_of(*expires).value_or(answer.lifetime);
  }
  return answer;
}

Millis renew_after(std::chrono::seconds lifetime) {
  Millis margin = std::min<Millis>(Millis(lifetime) / 10, std::chrono::minutes(1));
  return Millis(lifetime) - margin;
}

TokenSource::TokenSource(const config::Upstream& upstream, const config::OAuth2Auth& auth, const Clock& clock,
                         Redactor& redactor, SendPlain send)
    : upstream_(upstream), auth_(auth), clock_(clock), redactor_(redactor), send_(std::move(send)) {}

bool TokenSource::good() const { return held_ && clock_.steady() < held_->renew_at; }

Task<Result<Secret>> TokenSource::token(Manner manner) {
  if (good()) co_return held_->token;
  const std::uint64_t seen = attempts_;
  auto permit = co_await one_at_a_time_.acquire();
  if (good()) co_return held_->token;
  if (attempts_ != seen && last_failure_) co_return std::unexpected(*last_failure_);
  auto fetched = co_await fetch(manner);
  ++attempts_;
  if (!fetched) {
    last_failure_ = fetched.error();
    co_return std::unexpected(fetched.error());
  }
  last_failure_.reset();
  held_ = std::move(*fetched);
  co_return held_->token;
}

void TokenSource::refused(const Secret& token) {
  if (held_ && held_->token == token) held_.reset();
}

Task<Result<TokenSource::Held>> TokenSource::fetch(Manner manner) {
  auto asked_at = clock_.steady();
  net::HttpRequest request = token_request(upstream_, auth_);
  const std::string host = net::host_of(request.url);
  auto response = co_await send_(std::move(request), Manner{true, manner.until});
  if (!response) {
    Error error = response.error();
    if (error.kind == ErrorKind::kUnauthorized || error.kind == ErrorKind::kStatus) {
      error.message = fmt::format("no token: {} (check client_id and client_secret)", error.message);
    } else {
      error.message = "no token: " + error.message;
    }
    co_return std::unexpected(std::move(error));
  }
  auto answer = parse_token_answer(response->body, host);
  if (!answer) co_return std::unexpected(answer.error());
  redactor_.hide_passing(answer->token);
  co_return Held{std::move(answer->token), asked_at + renew_after(answer->lifetime)};
}

}  // namespace pollux::fetch
