// SPDX-License-Identifier: Apache-2.0
// `auth` of an upstream as load() reads it, where what it holds is more than one line.
#include <gmock/gmock.h>

#include "base/encoding.hpp"
#include "base/redactor.hpp"
#include "config/testdata/loading.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::config {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string pem() {
  return test::read_text(std::filesystem::path(POLLUX_SOURCE_DIR) / "src/sign/testdata/rsa_private.pem");
}

std::string key_file() {
  return R"({"type":"service_account","client_email":"a@p.example","private_key":)" + json_quote(pem()) + "}";
}

auto load_auth(const std::string& auth) {
  auto environment = testdata::fake_environment("upstreams: {a: {url: http://a, auth: {" + auth +
                                                "}}}\npolls: {p: {every: 1m, fetch: {from: a}}}\n");
  auto usual = environment.variable;
  environment.variable = [usual](const std::string& name) -> std::optional<std::string> {
    if (name == "ANALYTICS_REPORT_EMAIL") return "reporter@p.example";
    if (name == "GOOGLE_BASE64") return base64(key_file());
    if (name == "VCAP_SERVICES") {
      return R"({"user-provided":[{"name":"google","credentials":{"key":)" + json_quote(key_file()) +
             R"(,"client_email":"vcap@p.example","private_key":)" + json_quote(pem()) + "}}]}";
    }
    if (name != "ANALYTICS_KEY") return usual(name);
    std::string flat = pem();
    for (auto at = flat.find('\n'); at != std::string::npos; at = flat.find('\n', at))
      flat.replace(at, 1, "\\n");
    return flat;
  };
  auto read = environment.read;
  environment.read = [read](const std::filesystem::path& path) -> Result<std::string> {
    if (path == "/etc/pollux/key.json") return key_file() + "\n";
    return read(path);
  };
  return load("/etc/pollux/pollux.yaml", environment);
}

GoogleAuth google(const std::string& text) {
  auto loaded = load_auth("google: {" + text + "}");
  EXPECT_TRUE(loaded) << text << loaded.error()[0].text();
  return loaded ? std::get<GoogleAuth>(loaded->file.upstreams.at("a").auth) : GoogleAuth{};
}

TEST(LoadAuth, takes_a_google_key_from_a_file_the_environment_and_a_bound_service) {
  for (const char* key : {"'${file:key.json}'", "'${GOOGLE_BASE64}'", "'${vcap:google.key}'"}) {
    auto auth = google("key: " + std::string(key) + ", scope: analytics");
    ASSERT_EQ(auth.accounts.size(), 1U) << key;
    EXPECT_EQ(auth.accounts[0].email, "a@p.example");
    EXPECT_EQ(auth.accounts[0].private_key.reveal(), pem());
    EXPECT_EQ(auth.accounts[0].token_uri, "https://oauth2.googleapis.com/token");
    EXPECT_EQ(auth.scope, "analytics");
  }
}

TEST(LoadAuth, takes_several_google_keys_in_any_form) {
  auto auth = google(
      "key: ['${file:key.json}', {email: '${ANALYTICS_REPORT_EMAIL}', private_key: '${ANALYTICS_KEY}'}, "
      "{email: '${vcap:google.client_email}', private_key: '${vcap:google.private_key}'}], "
      "token_url: 'http://127.0.0.1:1/token', scope: analytics");
  ASSERT_EQ(auth.accounts.size(), 3U);
  EXPECT_EQ(auth.accounts[1].email, "reporter@p.example");
  EXPECT_EQ(auth.accounts[2].email, "vcap@p.example");
  for (const auto& account : auth.accounts) {
    EXPECT_EQ(account.private_key.reveal(), pem());
    EXPECT_EQ(account.token_uri, "http://127.0.0.1:1/token");
  }
}

TEST(LoadAuth, takes_an_audience_in_place_of_a_scope) {
  auto auth = google("key: '${file:key.json}', audience: 'https://analyticsdata.googleapis.com/'");
  EXPECT_EQ(auth.audience, "https://analyticsdata.googleapis.com/");
}

TEST(LoadAuth, knows_a_google_key_as_a_secret_in_each_of_its_forms) {
  for (const char* key :
       {"'${file:key.json}'", "'${GOOGLE_BASE64}'", "{email: e, private_key: '${ANALYTICS_KEY}'}"}) {
    auto loaded = load_auth("google: {scope: s, key: " + std::string(key) + "}");
    ASSERT_TRUE(loaded);
    Redactor redactor;
    for (const Secret& secret : loaded->file.secrets) redactor.hide(secret);
    EXPECT_TRUE(redactor.reveals("x" + pem())) << key;
    EXPECT_TRUE(redactor.reveals(json_quote(pem()))) << key;
  }
}

TEST(LoadAuth, shows_nothing_of_a_google_key_that_cannot_be_used) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"google: {scope: s, key: hunter22}",
       "upstreams.a.auth.google.key: a text (hidden); expected the text of a "
       "service account's key file, such as ${file:key.json}: neither JSON"},
      {"google: {scope: s, key: [hunter22, '${file:key.json}']}", "auth.google.key[0]: a text (hidden)"},
      {"google: {scope: s, key: {email: e, private_key: hunter22}}",
       "key.private_key: a text (hidden); expected a private key in PEM: no private key in PEM without a "
       "passphrase"},
      {"google: {scope: s, key: {email: e, privat_key: hunter22}}", "did you mean `private_key`?"},
      {"google: {key: '${file:key.json}'}", "none of `scope`, `audience`"},
      {"google: {key: '${file:key.json}', scope: s, audience: a}", "exactly one of `scope`, `audience`"},
      {"google: {key: '${file:key.json}', audience: a, token_url: 'http://a'}", "token_url"},
      {"google: {key: [], scope: s}", "an empty list"},
      {"google: hunter22", "expected a map with `key` and `scope`"}};
  for (const auto& [auth, says] : cases) {
    auto loaded = load_auth(auth);
    ASSERT_FALSE(loaded) << auth;
    const std::string texts = testdata::all_texts(loaded.error());
    EXPECT_THAT(texts, HasSubstr(says));
    EXPECT_THAT(texts, Not(HasSubstr("hunter22")));
  }
}

TEST(LoadAuth, fills_oauth2_and_aws) {
  auto loaded = load_auth(
      "oauth2: {token_url: 'https://e/t', client_id: c, client_secret: secret-1, client_in: header, scope: a "
      "b, "
      "audience: 'https://api', fields: {resource: r-secret, n: 7}, refresh_token: first-refresh}");
  ASSERT_TRUE(loaded) << loaded.error()[0].text();
  const auto& oauth2 = std::get<OAuth2Auth>(loaded->file.upstreams.at("a").auth);
  EXPECT_EQ(oauth2.client_in, OAuth2Auth::ClientIn::kHeader);
  EXPECT_EQ(oauth2.audience, "https://api");
  ASSERT_EQ(oauth2.fields.size(), 2U);
  EXPECT_EQ(oauth2.fields[0], (std::pair<std::string, Secret>("resource", Secret("r-secret"))));
  EXPECT_EQ(oauth2.fields[1].second, Secret("7"));
  EXPECT_EQ(oauth2.refresh_token, Secret("first-refresh"));

  auto aws = load_auth(
      "aws: {access_key_id: AKIA-1, secret_access_key: aws-secret-1, session_token: aws-token-1, region: "
      "eu-west-1, "
      "service: execute-api}");
  ASSERT_TRUE(aws) << aws.error()[0].text();
  const auto& auth = std::get<AwsAuth>(aws->file.upstreams.at("a").auth);
  EXPECT_EQ(auth.access_key_id, "AKIA-1");
  EXPECT_EQ(auth.secret_access_key, Secret("aws-secret-1"));
  EXPECT_EQ(auth.session_token, Secret("aws-token-1"));
  EXPECT_EQ(auth.region, "eu-west-1");
  EXPECT_EQ(auth.service, "execute-api");
}

}  // namespace
}  // namespace pollux::config
