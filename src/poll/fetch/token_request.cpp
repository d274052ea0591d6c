// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/token_request.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/encoding.hpp"
#include "poll/fetch/request.hpp"

namespace pollux::fetch {
namespace {

void add(std::string& form, std::string_view name, std::string_view value) {
  if (!form.empty()) form += '&';
  form.append(percent_encode(name)).append("=").append(percent_encode(value));
}

net::HttpRequest form_request(const config::Upstream& upstream, const std::string& url) {
  net::HttpRequest request = base_request(upstream, url);
  request.method = "POST";
  // A token endpoint that sends the client's secret elsewhere is no token endpoint.
  request.redirects = net::HttpRequest::Redirects::kNone;
  request.max_body = Bytes{1 << 20};
  request.set_header("Accept", "application/json");
  request.set_header("Content-Type", "application/x-www-form-urlencoded");
  return request;
}

void add_client(const config::OAuth2Auth& auth, net::HttpRequest& request) {
  if (auth.client_in == config::OAuth2Auth::ClientIn::kHeader) {
    // RFC 6749, 2.3.1: encoded as in a form first, so that a : in the identifier cannot end it.
    request.set_header("Authorization", "Basic " + base64(percent_encode(auth.client_id) + ":" +
                                                          percent_encode(auth.client_secret.reveal())));
    return;
  }
  add(request.body, "client_id", auth.client_id);
  add(request.body, "client_secret", auth.client_secret.reveal());
}

void add_wishes(const config::OAuth2Auth& auth, std::string& form) {
  if (!auth.scope.empty()) add(form, "scope", auth.scope);
  if (!auth.audience.empty()) add(form, "audience", auth.audience);
  for (const auto& [name, value] : auth.fields) add(form, name, value.reveal());
}

}  // namespace

net::HttpRequest client_credentials_request(const config::Upstream& upstream,
                                            const config::OAuth2Auth& auth) {
  net::HttpRequest request = form_request(upstream, auth.token_url);
  add(request.body, "grant_type", "client_credentials");
  add_client(auth, request);
  add_wishes(auth, request.body);
  return request;
}

net::HttpRequest refresh_request(const config::Upstream& upstream, const config::OAuth2Auth& auth,
                                 const Secret& refresh_token) {
  net::HttpRequest request = form_request(upstream, auth.token_url);
  add(request.body, "grant_type", "refresh_token");
  add(request.body, "refresh_token", refresh_token.reveal());
  add_client(auth, request);
  add_wishes(auth, request.body);
  return request;
}

net::HttpRequest assertion_request(const config::Upstream& upstream, const std::string& token_url,
                                   const Secret& assertion) {
  net::HttpRequest request = form_request(upstream, token_url);
  add(request.body, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
  add(request.body, "assertion", assertion.reveal());
  return request;
}

Task<Result<TokenAnswer>> exchange(const SendPlain& send, Redactor& redactor, net::HttpRequest request,
                                   Manner manner, std::string purpose, std::string advice) {
  const std::string host = net::host_of(request.url);
  // Whatever was asked for: asking again changes nothing at the API. A refresh token too: if the answer was
  // lost on its way, there is no other token to ask with, and soon is better than later.
  manner.repeatable = true;
  auto response = co_await send(std::move(request), manner);
  if (!response) {
    Error error = response.error();
    const bool refused = error.kind == ErrorKind::kUnauthorized || error.kind == ErrorKind::kForbidden ||
                         (error.kind == ErrorKind::kStatus && error.retry == Retry::never());
    if (refused) error.kind = ErrorKind::kUnauthorized;
    error.message = fmt::format("no token: {}{}", error.message, refused ? " (" + advice + ")" : "");
    co_return std::unexpected(std::move(error));
  }
  auto answer = parse_token_answer(response->body, host);
  if (!answer) co_return answer;
  redactor.hide_in_use(purpose, answer->token);
  if (answer->refresh_token) redactor.hide_passing(*answer->refresh_token);
  co_return answer;
}

}  // namespace pollux::fetch
