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

UpstreamSession::UpstreamSession(const config::Upstream& upstream, SessionParts parts)
    : upstream_(upstream),
      parts_(std::move(parts)),
      places_(upstream.concurrency),
      watch_(upstream_, parts_) {
  auto send_plain = [this](net::HttpRequest request, Manner manner) {
    return [](UpstreamSession& self, net::HttpRequest asked, Manner how) -> Task<Result<net::HttpResponse>> {
      Effort of_token;
      co_return co_await self.send_with(nullptr, std::move(asked), how, of_token);
    }(*this, std::move(request), manner);
  };
  authorizer_ = make_authorizer(upstream_, parts_, send_plain);
}

Task<Result<net::HttpResponse>> UpstreamSession::send(net::HttpRequest request, Manner manner,
                                                      Effort& effort) {
  return send_with(authorizer_.get(), std::move(request), manner, effort);
}

Task<Result<net::HttpResponse>> UpstreamSession::send_with(Authorizer* authorizer, net::HttpRequest request,
                                                           Manner manner, Effort& effort) {
  const auto begun = parts_.clock.steady();
  std::size_t renewed = 0;
  std::size_t failed = 0;
  for (std::size_t attempts = 1;; ++attempts) {
    net::HttpRequest authorized = request;
    if (authorizer != nullptr) {
      auto done = co_await authorizer->authorize(authorized, manner);
      if (!done) co_return std::unexpected(done.error());
    }
    net::HttpRequest sent = authorized;
    auto response = co_await attempt(std::move(sent));
    ++effort.attempts;
    if (response) {
      effort.bytes += response->body.size();
      co_return response;
    }
    Error error = response.error();
    const bool refused = error.kind == ErrorKind::kUnauthorized || error.kind == ErrorKind::kForbidden ||
                         error.kind == ErrorKind::kRateLimited;
    if (refused && authorizer != nullptr && authorizer->refused(authorized, error.kind, renewed)) {
      ++renewed;
      continue;
    }
    ++failed;
    auto wait =
        manner.repeatable ? wait_before_retry(upstream_.retry, failed, error, parts_.chance()) : std::nullopt;
    if (!wait) {
      if (failed > 1) {
        auto took = std::chrono::duration_cast<Millis>(parts_.clock.steady() - begun);
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
  const Time sent = parts_.clock.now();
  auto response = co_await parts_.client.send(std::move(request));
  if (!response) co_return response;
  auto error = error_of_status(response->status, host, response->header("Retry-After"), parts_.clock.now());
  watch_.look(*response, host, sent, error);
  if (error) co_return std::unexpected(std::move(*error));
  co_return response;
}

}  // namespace pollux::fetch
