// SPDX-License-Identifier: Apache-2.0
#include "net/curl_client.hpp"

#include <fmt/format.h>

#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>

#include "net/ca_bundle.hpp"
#include "net/curl_engine.hpp"

namespace pollux::net {
namespace {

void start_curl_once() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

using Outcome = CurlEngine::Outcome;

Task<Outcome> one_exchange(std::shared_ptr<CurlEngine> engine, HttpRequest request) {
  auto initiate = [engine](auto handler, HttpRequest asked) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto done = [h = std::move(handler)](Outcome outcome) mutable { std::move(h)(std::move(outcome)); };
    auto ticket = engine->start(std::move(asked), std::move(done));
    if (slot.is_connected()) {
      slot.assign([engine, ticket](asio::cancellation_type) { engine->cancel(ticket); });
    }
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Outcome)>(
      initiate, asio::use_awaitable, std::move(request));
}

bool redirects(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool repeats_body(int status) { return status == 307 || status == 308; }

// RFC 9110, 15.4: after 301, 302 and 303 a POST becomes a GET; 307 and 308 repeat it.
void follow(HttpRequest& request, int status, std::string target, bool same_origin) {
  if (!repeats_body(status) && request.method != "HEAD") {
    request.method = "GET";
    request.body.clear();
    std::erase_if(request.headers,
                  [](const auto& h) { return curl_strequal(h.first.c_str(), "Content-Type") != 0; });
  }
  request.url = std::move(target);
  if (same_origin) return;
  // Another host must not see what was meant for this one: any header may hold a key, and a certificate says
  // who asks. Its way may lead through another proxy.
  request.headers.clear();
  request.way.certificate.reset();
  if (request.proxy_for) request.way.proxy = request.proxy_for(request.url);
}

}  // namespace

CurlClient::CurlClient(asio::io_context& io) : CurlClient(io, Options{}) {}

CurlClient::CurlClient(asio::io_context& io, Options options) : io_(io), options_(std::move(options)) {
  start_curl_once();
}

CurlClient::~CurlClient() {
  for (auto& [way, engine] : engines_) engine->close();
}

std::shared_ptr<CurlEngine> CurlClient::engine_for(const WayOut& way) {
  for (const auto& [known, engine] : engines_) {
    if (known == way) return engine;
  }
  std::string bundle = options_.system_cas ? options_.system_cas->path() : "";
  auto made = std::make_shared<CurlEngine>(io_, options_.max_connections, std::move(bundle));
  engines_.emplace_back(way, made);
  return made;
}

Task<Result<HttpResponse>> CurlClient::send(HttpRequest request) {
  if (request.proxy_for) request.way.proxy = request.proxy_for(request.url);
  for (std::size_t hop = 0;; ++hop) {
    HttpRequest copy = request;
    Outcome outcome = co_await one_exchange(engine_for(request.way), std::move(copy));
    if (!outcome.response || !redirects(outcome.response->status) || outcome.redirect.empty() ||
        request.redirects == HttpRequest::Redirects::kNone) {
      co_return std::move(outcome.response);
    }
    bool same_origin = origin_of(outcome.redirect) == origin_of(request.url);
    if (!same_origin && request.redirects == HttpRequest::Redirects::kSameHost) {
      co_return fail(
          ErrorKind::kRedirect,
          fmt::format("{} redirects to {}, which is another host; `redirects: any` would follow it",
                      host_of(request.url), host_of(outcome.redirect)));
    }
    if (request.url.starts_with("https:") && !outcome.redirect.starts_with("https:")) {
      co_return fail(ErrorKind::kRedirect,
                     fmt::format("{} redirects from https to http", host_of(request.url)));
    }
    if (!same_origin && repeats_body(outcome.response->status) && !request.body.empty()) {
      co_return fail(ErrorKind::kRedirect,
                     fmt::format("{} redirects a request with a body to {}, which is another host: what "
                                 "is in the body was not meant for it",
                                 host_of(request.url), host_of(outcome.redirect)));
    }
    if (hop >= options_.max_redirects) {
      co_return fail(ErrorKind::kRedirect, fmt::format("{} redirects more than {} times",
                                                       host_of(request.url), options_.max_redirects));
    }
    follow(request, outcome.response->status, std::move(outcome.redirect), same_origin);
  }
}

}  // namespace pollux::net
