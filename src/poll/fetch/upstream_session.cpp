// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/upstream_session.hpp"

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "poll/fetch/request.hpp"
#include "poll/fetch/retry.hpp"

namespace pollux::fetch {
namespace {

Task<> pause(Millis duration) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, duration);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace

UpstreamSession::UpstreamSession(const config::Upstream& upstream, net::HttpClient& client,
                                 const Clock& clock, Redactor& redactor, Chance chance)
    : upstream_(upstream),
      client_(client),
      clock_(clock),
      chance_(std::move(chance)),
      places_(upstream.concurrency) {
  const auto* oauth2 = std::get_if<config::OAuth2Auth>(&upstream.auth);
  if (oauth2 == nullptr) return;
  auto send_for_token = [this](net::HttpRequest request) -> Task<Result<net::HttpResponse>> {
    return [](UpstreamSession& self, net::HttpRequest asked) -> Task<Result<net::HttpResponse>> {
      Effort of_token;
      co_return co_await self.send_with_retries(std::move(asked), true, of_token);
    }(*this, std::move(request));
  };
  tokens_ = std::make_unique<TokenSource>(upstream, *oauth2, clock, redactor, std::move(send_for_token));
}

Task<Result<net::HttpResponse>> UpstreamSession::send(net::HttpRequest request, Effort& effort) {
  if (tokens_) co_return co_await send_authorized(std::move(request), effort);
  apply_static_auth(upstream_.auth, request);
  bool repeatable = request.method != "POST";
  co_return co_await send_with_retries(std::move(request), repeatable, effort);
}

Task<Result<net::HttpResponse>> UpstreamSession::send_authorized(net::HttpRequest request, Effort& effort) {
  for (bool renewed = false;; renewed = true) {
    auto token = co_await tokens_->token();
    if (!token) co_return std::unexpected(token.error());
    net::HttpRequest authorized = request;
    authorized.set_header("Authorization", "Bearer " + token->reveal());
    bool repeatable = request.method != "POST";
    auto answer = co_await send_with_retries(std::move(authorized), repeatable, effort);
    bool refused = !answer && answer.error().kind == ErrorKind::kUnauthorized;
    if (!refused || renewed) co_return answer;
    tokens_->refused(*token);
  }
}

Task<Result<net::HttpResponse>> UpstreamSession::send_with_retries(net::HttpRequest request, bool repeatable,
                                                                   Effort& effort) {
  const auto begun = clock_.steady();
  for (std::size_t attempts = 1;; ++attempts) {
    net::HttpRequest copy = request;
    auto response = co_await attempt(std::move(copy));
    ++effort.attempts;
    if (response) {
      effort.bytes += response->body.size();
      co_return response;
    }
    Error error = response.error();
    auto wait = repeatable ? wait_before_retry(upstream_.retry, attempts, error, chance_()) : std::nullopt;
    if (!wait) {
      if (attempts > 1) {
        auto took = std::chrono::duration_cast<Millis>(clock_.steady() - begun);
        error.message += fmt::format(" after {} attempts in {}", attempts, describe_duration(took));
      }
      co_return std::unexpected(std::move(error));
    }
    co_await pause(*wait);
  }
}

Task<Result<net::HttpResponse>> UpstreamSession::attempt(net::HttpRequest request) {
  auto place = co_await places_.acquire();
  ++requests_;
  const std::string host = net::host_of(request.url);
  auto response = co_await client_.send(std::move(request));
  if (!response) co_return response;
  auto error = error_of_status(response->status, host, response->header("Retry-After"), clock_.now());
  if (error) co_return std::unexpected(std::move(*error));
  co_return response;
}

}  // namespace pollux::fetch
