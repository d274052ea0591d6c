// SPDX-License-Identifier: Apache-2.0
#include "config/auth_shape.hpp"

#include <algorithm>
#include <array>

#include "config/google_shape.hpp"
#include "config/object_shape.hpp"
#include "config/text_rule.hpp"
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

// What the token request says already, or what has a key of its own.
NameRule field_name_rule() {
  static constexpr std::array<std::string_view, 6> kTaken{"grant_type", "client_id", "client_secret",
                                                          "scope",      "audience",  "refresh_token"};
  std::string taken;
  for (const std::string_view name : kTaken) taken.append(taken.empty() ? "" : "|").append(name);
  return {"a field's name, and none that has a key of its own or is `grant_type`",
          "^(?!(?:" + taken + R"re()$)[^\x00-\x1f\x7f]+$)re", [](const std::string& name) {
            const bool control =
                std::ranges::any_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
            return !name.empty() && !control && std::ranges::find(kTaken, name) == kTaken.end();
          }};
}

ShapePtr<OAuth2Auth> oauth2_shape() {
  using In = OAuth2Auth::ClientIn;
  auto shape = std::make_shared<ObjectShape<OAuth2Auth>>(
      "a map with `token_url`, `client_id`, `client_secret`", Place::kSecret);
  auto fields = std::make_shared<MapShape<Secret>>("a map of fields", field_name_rule(), secret_text(), 0, 0,
                                                   Place::kSecret);
  shape
      ->field("token_url", Need::kRequired, "Where the token is asked for.", token_address(),
              &OAuth2Auth::token_url)
      .field("client_id", Need::kRequired, "The client's identifier.", any_text(), &OAuth2Auth::client_id)
      .field("client_secret", Need::kRequired, "The client's secret.", secret_text(),
             &OAuth2Auth::client_secret)
      .field("client_in", Need::kOptional,
             "Where the client's identifier and secret are sent: body, the default, or header (HTTP basic).",
             word<In>({{"body", In::kBody}, {"header", In::kHeader}}), &OAuth2Auth::client_in)
      .field("scope", Need::kOptional, "The scope to ask for; absent: none is sent.", any_text(),
             &OAuth2Auth::scope)
      .field("audience", Need::kOptional, "The audience to ask for; absent: none is sent.", any_text(),
             &OAuth2Auth::audience)
      .template field<SecretPairs>("fields", Need::kOptional, "Further fields of the token request.", fields,
                                   &OAuth2Auth::fields)
      .field("refresh_token", Need::kOptional,
             "The first refresh token; one that the server gives in its place is kept in the state.",
             secret_text(), &OAuth2Auth::refresh_token);
  return shape;
}

ShapePtr<AwsAuth> aws_shape() {
  auto shape = std::make_shared<ObjectShape<AwsAuth>>(
      "a map with `access_key_id`, `secret_access_key`, `region`, `service`", Place::kSecret);
  // Between / in the scope of a signature.
  auto scope_word = text_shape<std::string>(
      {"a word such as us-east-1 or execute-api", "^[A-Za-z0-9._-]{1,64}$",
       [](const std::string& text) -> Parsed<std::string> {
         const bool good =
             !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](unsigned char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '.' || c == '_' || c == '-';
             });
         if (!good) return std::unexpected("");
         return text;
       }});
  shape
      ->field("access_key_id", Need::kRequired, "The access key's identifier.", secret_text(),
              [](AwsAuth& auth, Secret id) { auth.access_key_id = id.reveal(); })
      .field("secret_access_key", Need::kRequired, "The access key's secret.", secret_text(),
             &AwsAuth::secret_access_key)
      .field("session_token", Need::kOptional, "The token of temporary credentials.", secret_text(),
             &AwsAuth::session_token)
      .field("region", Need::kRequired, "The region, such as us-east-1.", scope_word, &AwsAuth::region)
      .field("service", Need::kRequired, "The service's name in signatures, such as execute-api.", scope_word,
             &AwsAuth::service);
  return shape;
}

}  // namespace

ShapePtr<Auth> auth_shape() {
  using In = KeyAuth::In;
  const std::vector<std::string> ways{"header", "query", "basic", "bearer", "oauth2", "google", "aws"};
  auto shape = std::make_shared<ObjectShape<Auth>>(
      "a map with one of `header`, `query`, `basic`, `bearer`, `oauth2`, `google`, `aws`", Place::kSecret);
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
      .field(
          "oauth2", Need::kOptional,
          "OAuth 2.0, by client credentials or a refresh token: one token, shared, renewed before it ends.",
          oauth2_shape(), [](Auth& auth, OAuth2Auth oauth2) { auth = std::move(oauth2); })
      .field("google", Need::kOptional, "Service accounts of Google.", google_shape(),
             [](Auth& auth, GoogleAuth google) { auth = std::move(google); })
      .field("aws", Need::kOptional, "AWS Signature Version 4 on each request.", aws_shape(),
             [](Auth& auth, AwsAuth aws) { auth = std::move(aws); })
      .exactly_one(ways);
  return shape;
}

}  // namespace pollux::config
