// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/request.hpp"

#include "base/encoding.hpp"
#include "config/environment_proxy.hpp"
#include "poll/fetch/formats.hpp"

namespace pollux::fetch {
namespace {

net::HttpRequest::Redirects as_net(config::Redirects redirects) {
  switch (redirects) {
    case config::Redirects::kNone:
      return net::HttpRequest::Redirects::kNone;
    case config::Redirects::kSameHost:
      return net::HttpRequest::Redirects::kSameHost;
    case config::Redirects::kAny:
      return net::HttpRequest::Redirects::kAny;
  }
  return net::HttpRequest::Redirects::kNone;
}

void add_query(std::string& url, const std::string& query) {
  if (query.empty()) return;
  url += (url.find('?') == std::string::npos ? '?' : '&') + query;
}

Result<std::string> build_url(const config::Upstream& upstream, const config::Step& step,
                              const Scope& scope) {
  auto path = render(step.path, scope, Escape::kUrl);
  if (!path) return path;
  std::string url = upstream.url;
  if (!path->empty() && !path->starts_with('/') && !path->starts_with('?')) url += '/';
  url += *path;
  auto query = render_pairs(step.query, scope);
  if (!query) return query;
  add_query(url, *query);
  return url;
}

Result<void> add_body(const config::Step& step, const Scope& scope, net::HttpRequest& request) {
  Result<std::string> body;
  if (const auto* node = std::get_if<config::BodyNode>(&step.body)) {
    body = render_json(*node, scope);
    request.set_header("Content-Type", "application/json");
  } else if (const auto* form = std::get_if<config::TemplatePairs>(&step.body)) {
    body = render_pairs(*form, scope);
    request.set_header("Content-Type", "application/x-www-form-urlencoded");
  }
  if (!body) return std::unexpected(body.error());
  request.body = std::move(*body);
  return {};
}

struct StaticAuth {
  net::HttpRequest& request;

  // These differ from attempt to attempt: an Authorizer puts them on.
  template <class Other>
  void operator()(const Other&) const {}
  void operator()(const config::KeyAuth& auth) const {
    if (auth.in == config::KeyAuth::In::kHeader) {
      request.set_header(auth.name, auth.value.reveal());
    } else {
      add_query(request.url, percent_encode(auth.name) + "=" + percent_encode(auth.value.reveal()));
    }
  }
  void operator()(const config::BasicAuth& auth) const {
    request.set_header("Authorization", "Basic " + base64(auth.user + ":" + auth.password.reveal()));
  }
  void operator()(const config::BearerAuth& auth) const {
    request.set_header("Authorization", "Bearer " + auth.token.reveal());
  }
};

// The upstream outlives its requests, and may lead through different proxies to different hosts: its own, its
// token endpoint's, a redirect's.
void take_the_way(const config::Upstream& upstream, net::HttpRequest& request) {
  net::WayOut& way = request.way;
  way.proxy = upstream.proxy;
  if (upstream.environment_proxy) {
    request.proxy_for = [&from = *upstream.environment_proxy](const std::string& url) {
      return config::proxy_for(from, url);
    };
    way.proxy = request.proxy_for(request.url);
  }
  way.proxy_ca_file = upstream.proxy_ca_file;
  way.ca_file = upstream.ca_file;
  way.tls_at_least =
      upstream.tls_at_least == config::TlsVersion::k13 ? net::TlsVersion::k13 : net::TlsVersion::k12;
  if (const auto& shown = upstream.client_certificate)
    way.certificate = net::ClientCertificate{shown->certificate, shown->key, shown->key_password};
}

}  // namespace

net::HttpRequest base_request(const config::Upstream& upstream, std::string url) {
  net::HttpRequest request;
  request.url = std::move(url);
  take_the_way(upstream, request);
  request.redirects = as_net(upstream.redirects);
  request.connect_timeout = upstream.timeouts.connect;
  request.total_timeout = upstream.timeouts.total;
  request.stall_timeout = upstream.timeouts.stall;
  request.max_body = upstream.max_answer;
  request.set_header("User-Agent", "pollux/" POLLUX_VERSION);
  return request;
}

Result<net::HttpRequest> build_request(const config::Upstream& upstream, const config::Step& step,
                                       const Scope& scope) {
  auto url = build_url(upstream, step, scope);
  if (!url) return std::unexpected(url.error());
  net::HttpRequest request = base_request(upstream, std::move(*url));
  request.method = step.method == config::Method::kPost ? "POST" : "GET";
  if (auto accept = accept_of(step.expect); !accept.empty())
    request.set_header("Accept", std::string(accept));
  for (const auto& [name, value] : upstream.headers) request.set_header(name, value.reveal());
  for (const auto& [name, value] : step.headers) {
    if (is_left_out(value, scope)) continue;
    auto text = render(value, scope, Escape::kNone);
    if (!text) return std::unexpected(text.error());
    request.set_header(name, std::move(*text));
  }
  if (auto added = add_body(step, scope, request); !added) return std::unexpected(added.error());
  return request;
}

void apply_static_auth(const config::Auth& auth, net::HttpRequest& request) {
  std::visit(StaticAuth{request}, auth);
}

}  // namespace pollux::fetch
