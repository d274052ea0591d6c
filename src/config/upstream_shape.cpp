// SPDX-License-Identifier: Apache-2.0
#include "config/upstream_shape.hpp"

#include "config/limit_shapes.hpp"
#include "config/object_shape.hpp"
#include "config/text_shapes.hpp"

namespace pollux::config {
namespace {

using SecretPairs = std::vector<std::pair<std::string, Secret>>;

ShapePtr<SecretPairs> one_secret(std::string what, NameRule names) {
  return std::make_shared<MapShape<Secret>>(std::move(what), std::move(names), secret_text(), 1, 1,
                                            Place::kSecret);
}

void put_key(Auth& auth, KeyAuth::In in, SecretPairs pairs) {
  if (!pairs.empty()) auth = KeyAuth{in, pairs[0].first, std::move(pairs[0].second)};
}

ShapePtr<BasicAuth> basic_shape() {
  auto shape = std::make_shared<ObjectShape<BasicAuth>>("a map with `user` and `password`", Place::kSecret);
  shape->field("user", Need::kRequired, "The user's name.", any_text(), &BasicAuth::user)
      .field("password", Need::kRequired, "The password.", secret_text(), &BasicAuth::password);
  return shape;
}

ShapePtr<OAuth2Auth> oauth2_shape() {
  auto shape = std::make_shared<ObjectShape<OAuth2Auth>>(
      "a map with `token_url`, `client_id`, `client_secret`", Place::kSecret);
  shape
      ->field("token_url", Need::kRequired, "Where the token is asked for.", token_address(),
              &OAuth2Auth::token_url)
      .field("client_id", Need::kRequired, "The client's identifier.", any_text(), &OAuth2Auth::client_id)
      .field("client_secret", Need::kRequired, "The client's secret.", secret_text(),
             &OAuth2Auth::client_secret)
      .field("scope", Need::kOptional, "The scope to ask for; absent: none is sent.", any_text(),
             &OAuth2Auth::scope);
  return shape;
}

ShapePtr<Auth> auth_shape() {
  using In = KeyAuth::In;
  auto shape = std::make_shared<ObjectShape<Auth>>(
      "a map with one of `header`, `query`, `basic`, `bearer`, `oauth2`", Place::kSecret);
  shape
      ->field("header", Need::kOptional, "A key sent as a header: {X-Api-Key: ${API_KEY}}.",
              one_secret("a map of one header, such as {X-Api-Key: ${API_KEY}}", header_name_rule()),
              [](Auth& auth, SecretPairs pairs) { put_key(auth, In::kHeader, std::move(pairs)); })
      .field("query", Need::kOptional, "A key sent in the query: {api_key: ${API_KEY}}.",
             one_secret("a map of one query parameter, such as {api_key: ${API_KEY}}", any_name_rule()),
             [](Auth& auth, SecretPairs pairs) { put_key(auth, In::kQuery, std::move(pairs)); })
      .field("basic", Need::kOptional, "HTTP basic authentication.", basic_shape(),
             [](Auth& auth, BasicAuth basic) { auth = std::move(basic); })
      .field("bearer", Need::kOptional, "A fixed bearer token.", secret_text(),
             [](Auth& auth, Secret token) { auth = BearerAuth{std::move(token)}; })
      .field("oauth2", Need::kOptional,
             "OAuth 2.0 client credentials: one token, shared, renewed before it ends.", oauth2_shape(),
             [](Auth& auth, OAuth2Auth oauth2) { auth = std::move(oauth2); })
      .exactly_one({"header", "query", "basic", "bearer", "oauth2"});
  return shape;
}

}  // namespace

ShapePtr<Timeouts> timeout_shape() {
  auto map = std::make_shared<ObjectShape<Timeouts>>("a duration, or a map with `connect`, `total`, `stall`");
  map->field("connect", Need::kOptional, "To reach the other side. Default 5s.", duration(),
             &Timeouts::connect)
      .field("total", Need::kOptional, "For the whole request. Default 30s.", duration(), &Timeouts::total)
      .field("stall", Need::kOptional, "Without a single byte. Default 10s.", duration(), &Timeouts::stall);
  auto single = std::make_shared<InShape<Millis, Timeouts>>(
      duration(), [](Timeouts& out, Millis total) { out.total = total; });
  return std::make_shared<EitherShape<Timeouts>>([](const Node& node) { return node.is(Node::Kind::kMap); },
                                                 map, single);
}

ShapePtr<Upstream> upstream_shape() {
  auto shape = std::make_shared<ObjectShape<Upstream>>("an upstream: a map with at least `url`");
  auto headers = std::make_shared<MapShape<Secret>>("a map of headers", header_name_rule(),
                                                    secret_header_value(), 0, 0, Place::kSecret);
  auto redirects = word<Redirects>(
      {{"none", Redirects::kNone}, {"same_host", Redirects::kSameHost}, {"any", Redirects::kAny}});
  shape
      ->field("url", Need::kRequired, "The API's address; paths of requests are joined to it.", web_address(),
              &Upstream::url)
      .field("auth", Need::kOptional, "The credentials, in exactly one way.", auth_shape(), &Upstream::auth)
      .template field<SecretPairs>("headers", Need::kOptional,
                                   "Headers sent with every request; their values are kept secret.", headers,
                                   &Upstream::headers)
      .field("concurrency", Need::kOptional, "How many requests run at the same time. Default 4.",
             count(1, 1000), &Upstream::concurrency)
      .field("timeout", Need::kOptional, "How long a request may take.", timeout_shape(), &Upstream::timeouts)
      .field("retry", Need::kOptional, "What to do after a failure that may pass.", retry_shape(),
             &Upstream::retry)
      .field("proxy", Need::kOptional, "The proxy that all requests go through; empty: none.",
             proxy_address(),
             [](Upstream& upstream, std::optional<Secret> proxy) { upstream.proxy = std::move(proxy); })
      .field("ca_file", Need::kOptional, "Certificates to trust, in PEM, in place of the system's.",
             file_path(), &Upstream::ca_file)
      .field("redirects", Need::kOptional, "Which redirects are followed. Default same_host.", redirects,
             &Upstream::redirects)
      .field("max_answer", Need::kOptional, "The largest answer that is taken. Default 64MiB.", byte_count(),
             &Upstream::max_answer)
      .field("limits", Need::kOptional,
             "How many requests it takes: 300/minute, by the wall clock; 100/hour sliding; 20000/day in "
             "America/Los_Angeles. Tokens, retries and pages count. Never exceeded.",
             limits_shape(), &Upstream::limits)
      .field("breaker", Need::kOptional, "When it is left alone because it fails, or `off`.", breaker_shape(),
             &Upstream::breaker);
  return shape;
}

}  // namespace pollux::config
