// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/upstream_session.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/units.hpp"
#include "net/proxy_status.hpp"
#include "net/see_through.hpp"
#include "poll/fetch/answer_origin.hpp"
#include "poll/fetch/pace/asked_to_wait.hpp"
#include "poll/fetch/pace/retry.hpp"
#include "poll/fetch/request.hpp"

namespace pollux::fetch {
namespace {

Task<> pause(Millis duration) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, duration);
  co_await timer.async_wait(asio::use_awaitable);
}

Task<bool> is_canceled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

Gate::Fate fate_of(const Result<net::HttpResponse>& response) {
  if (response) return response->status >= 500 ? Gate::Fate::kTrouble : Gate::Fate::kWell;
  switch (response.error().kind) {
    case ErrorKind::kProxy:  // the upstream has not heard of it, and is not to blame
      return Gate::Fate::kUnsent;
    case ErrorKind::kNetwork:
    case ErrorKind::kTls:
    case ErrorKind::kTimeout:
    case ErrorKind::kTruncated:
      return Gate::Fate::kNothing;
    case ErrorKind::kCanceled:
      return Gate::Fate::kCanceled;
    default:
      return Gate::Fate::kWell;  // an answer, if not to our taste
  }
}

bool is_conditional(const net::HttpRequest& request) {
  return std::ranges::any_of(request.headers, [](const auto& header) {
    return header.first == "If-None-Match" || header.first == "If-Modified-Since";
  });
}

// Refusals that other credentials may not meet.
bool may_go_as_another(const Error& error) {
  return error.kind == ErrorKind::kUnauthorized || error.kind == ErrorKind::kForbidden ||
         error.kind == ErrorKind::kRateLimited;
}

// "503 from api.example.gov" + " after 4 attempts in 12.4 s (503, 503, timeout, 503)".
std::string tried_text(const std::vector<std::string>& failures, Millis took) {
  if (failures.size() < 2) return "";
  return fmt::format(" after {} attempts in {} ({})", failures.size(), describe_duration(took),
                     fmt::join(failures, ", "));
}

}  // namespace

UpstreamSession::UpstreamSession(const config::Upstream& upstream, SessionParts parts)
    : upstream_(upstream), parts_(std::move(parts)), gate_(upstream_, parts_), watch_(upstream_, parts_) {
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
  auto took = [&] { return std::chrono::duration_cast<Millis>(parts_.clock.steady() - begun); };
  std::optional<Error> last;  // of the attempt before
  std::vector<std::string> failures;
  std::size_t failed = 0;
  std::size_t renewed = 0;
  for (;;) {
    Attempt now = co_await attempt(authorizer, request, manner, !last, renewed);
    if (!now.sent) {
      if (!last) co_return std::move(now.result);
      // What came back before is the reason; that it could not be tried again is only how it went on.
      last->message +=
          fmt::format("{}; not tried again: {}", tried_text(failures, took()), now.result.error().message);
      last->cut_short = now.result.error().kind == ErrorKind::kLimited && !gate_.in_trouble();
      co_return std::unexpected(std::move(*last));
    }
    ++effort.attempts;
    if (now.result) {
      effort.bytes += now.result->body.size();
      co_return std::move(now.result);
    }
    failures.push_back(now.failure);
    effort.failures.push_back(std::move(now.failure));
    last = std::move(now.result.error());
    if (now.as_another) {
      ++renewed;
      continue;
    }
    ++failed;
    const auto room = manner.until ? std::optional(*manner.until - parts_.clock.now()) : std::nullopt;
    auto wait = manner.repeatable ? wait_before_retry(upstream_.retry, failed, *last, parts_.chance(), room)
                                  : std::nullopt;
    if (!wait) {
      last->message += tried_text(failures, took());
      last->cut_short =
          manner.repeatable && wait_before_retry(upstream_.retry, failed, *last, 0, Millis::max());
      co_return std::unexpected(std::move(*last));
    }
    // Who sees a request through is not thrown out of a wait that had not begun.
    if (co_await is_canceled()) co_return fail(ErrorKind::kCanceled, "canceled");
    co_await pause(*wait);
    // It may have been canceled as the pause ended: nothing was there to be thrown out of.
    if (co_await is_canceled()) co_return fail(ErrorKind::kCanceled, "canceled");
  }
}

// Credentials are looked at last of all: a token that is fetched first can end during the wait for a limit.
Task<Result<UpstreamSession::Turn>> UpstreamSession::take_turn(Authorizer* authorizer,
                                                               const net::HttpRequest& request, Manner manner,
                                                               bool first) {
  const Gate::Patience patience{manner.until, first && manner.waits_out_trouble};
  for (int turn = 0; turn < kTurns; ++turn) {
    // Who cannot leave in time need not wait for a token to be told so.
    if (auto may = gate_.may_enter(patience); !may) co_return std::unexpected(std::move(may.error()));
    net::HttpRequest authorized = request;
    if (authorizer != nullptr) {
      // Asking for a token takes a place and counts too: while it is asked for, no place is held.
      auto done = co_await authorizer->authorize(authorized, manner);
      if (!done) co_return std::unexpected(done.error());
    }
    auto pass = co_await gate_.enter(patience);
    if (!pass) co_return std::unexpected(pass.error());
    if (authorizer != nullptr && !authorizer->in_turn(authorized)) continue;
    auto kept = co_await gate_.remember();
    if (!kept) co_return std::unexpected(kept.error());
    // A state that took long to write: what was counted then may not be what counts now.
    if (parts_.clock.now() - pass->granted() > kLate) continue;
    co_return Turn{std::move(*pass), std::move(authorized)};
  }
  co_return fail(
      ErrorKind::kLimited,
      fmt::format("not sent: each time its turn came at {}, its credentials had ended or it came too late",
                  upstream_.name));
}

Task<UpstreamSession::Attempt> UpstreamSession::attempt(Authorizer* authorizer, net::HttpRequest request,
                                                        Manner manner, bool first, std::size_t renewed) {
  // Each hop of a redirect is a request that nobody would count.
  if (gate_.has_limits()) request.redirects = net::HttpRequest::Redirects::kNone;
  auto turn = co_await take_turn(authorizer, request, manner, first);
  if (!turn) co_return Attempt{std::unexpected(turn.error()), false, {}, false};
  Attempt out{fail(ErrorKind::kCanceled, "canceled"), true, {}, false};
  const net::HttpRequest authorized = turn->request;
  const std::string host = net::host_of(request.url);
  const bool by_proxy = net::proxy_sees(request);
  const Time sent = parts_.clock.now();
  ++requests_;
  turn->pass.sent();
  out.result = co_await deliver(std::move(turn->request), manner);
  if (!out.result) {
    turn->pass.end(fate_of(out.result));
    out.failure = kind_name(out.result.error().kind);
    co_return out;
  }
  const int status = out.result->status;
  const Time now = parts_.clock.now();
  const auto asked = asked_to_wait(status, out.result->headers, now);
  std::optional<Error> error;
  if (status != 304 || !is_conditional(authorized))
    error = error_of_status(status, host, retry_after(out.result->headers, now));
  watch_.look(*out.result, request.url, sent, error);
  out.as_another = error && may_go_as_another(*error) && authorizer != nullptr &&
                   authorizer->refused(authorized, {error->kind, renewed, asked});
  // Before the next one may go, and unless it is somebody else who will ask.
  if (!out.as_another) co_await heed(status, asked);
  turn->pass.end(fate_of(out.result));
  if (!error) co_return out;
  *error = explained(std::move(*error), *out.result, by_proxy);
  const bool redirect = status >= 301 && status <= 308 && status != 304;
  if (redirect && gate_.has_limits())
    error->message +=
        "; redirects are not followed where there are `limits`, since each would be a request more: "
        "let the url be the final one";
  out.failure = std::to_string(status);
  out.result = std::unexpected(std::move(*error));
  co_return out;
}

Task<Result<net::HttpResponse>> UpstreamSession::deliver(net::HttpRequest request, const Manner& manner) {
  if (!manner.sees_it_through) co_return co_await parts_.client.send(std::move(request));
  co_return co_await net::see_through(parts_.client.send(std::move(request)), kSeenThrough);
}

// What the API says of its own limits, which are known to it best.
Task<> UpstreamSession::heed(int status, const std::optional<AskedToWait>& asked) {
  refusals_ = status == 429 ? refusals_ + 1 : 0;
  if (asked) {
    std::string why =
        fmt::format("asked to be left alone until {} ({})", format_time(asked->until), asked->how);
    co_await gate_.hold(asked->until, std::move(why));
  } else if (status == 429) {
    const Time until = parts_.clock.now() + backoff_after(upstream_.retry, refusals_, parts_.chance());
    std::string why = fmt::format("asked for fewer requests, left alone until {}", format_time(until));
    co_await gate_.hold(until, std::move(why));
  }
}

}  // namespace pollux::fetch
