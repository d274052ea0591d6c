// SPDX-License-Identifier: Apache-2.0
// The endpoints that ask for credentials refuse what is wrong: without this their yes would mean nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/sample_api/sample_api.hpp"
#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "sign/jwt.hpp"
#include "sign/sigv4.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::sample_api {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const std::string kClient = "client_id=sample-client&client_secret=sample-client-secret";
const std::string kInHeader = "Basic c2FtcGxlLWNsaWVudDpzYW1wbGUtY2xpZW50LXNlY3JldA==";

class AuthDesks : public testing::Test {
 protected:
  net::ServerResponse post(const std::string& path, const std::string& query, const std::string& body,
                           const std::string& authorization = "") {
    net::ServerRequest request;
    request.method = "POST";
    request.path = path;
    request.query = net::parse_query(query);
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Host", "login"}};
    if (!authorization.empty()) request.headers.emplace_back("Authorization", authorization);
    request.body = body;
    return api_.answer(request);
  }
  net::ServerResponse get(const std::string& path, const std::string& bearer, const std::string& query = "") {
    net::ServerRequest request;
    request.method = "GET";
    request.path = path;
    request.query = net::parse_query(query);
    request.headers = {{"Authorization", "Bearer " + bearer}};
    return api_.answer(request);
  }
  static std::string value(const std::string& body, const std::string& key) {
    const auto from = body.find("\"" + key + "\":\"") + key.size() + 4;
    return body.substr(from, body.find('"', from) - from);
  }

  FixedClock clock_{Time(1767225600s)};
  SampleApi api_{Options(), clock_};
};

TEST_F(AuthDesks, want_the_client_where_it_belongs_and_nowhere_else) {
  const std::string grant = "grant_type=client_credentials";
  auto status = [&](const char* where, const std::string& form, const std::string& header) {
    return post("/oauth2/token", where, grant + form, header).status;
  };
  EXPECT_EQ(status("client=header", "", kInHeader), 200);
  EXPECT_EQ(status("client=header", "&" + kClient, ""), 401);
  EXPECT_EQ(status("client=header", "&" + kClient, kInHeader), 400);
  EXPECT_EQ(status("client=header", "&client_id=sample-client", kInHeader), 401);
  EXPECT_EQ(status("client=body", "&" + kClient, ""), 200);
  EXPECT_EQ(status("client=body", "", kInHeader), 401);
  EXPECT_EQ(status("client=body", "&" + kClient, kInHeader), 400);
  EXPECT_EQ(status("", "&" + kClient, ""), 200);
  EXPECT_EQ(status("", "", kInHeader), 200);
  EXPECT_EQ(status("", "&" + kClient, kInHeader), 400) << "RFC 6749, 2.3";
  EXPECT_EQ(status("client=heder", "", kInHeader), 400);
  EXPECT_EQ(status("client=", "&" + kClient, ""), 400);
  EXPECT_EQ(status("", "&client_id=sample-client&client_secret=wrong", ""), 401);
  EXPECT_EQ(status("audience=a&scope=s", "&" + kClient + "&audience=a&scope=s", ""), 200);
  EXPECT_EQ(status("audience=a", "&" + kClient, ""), 400);
  EXPECT_EQ(status("resource=a", "&" + kClient + "&resource=b", ""), 400);
}

TEST_F(AuthDesks, take_a_refresh_token_once_and_withdraw_all_when_it_comes_again) {
  auto refresh = [&](const std::string& token) {
    return post("/oauth2/refresh", "", "grant_type=refresh_token&" + kClient + "&refresh_token=" + token);
  };
  auto first = refresh("sample-refresh-token");
  ASSERT_EQ(first.status, 200) << first.body;
  auto second = refresh(value(first.body, "refresh_token"));
  ASSERT_EQ(second.status, 200);
  EXPECT_EQ(get("/bearer", value(second.body, "access_token")).status, 200);
  EXPECT_EQ(refresh("never-given").status, 400);
  EXPECT_EQ(get("/bearer", value(second.body, "access_token")).status, 200);
  EXPECT_EQ(refresh("sample-refresh-token").body, R"({"error":"invalid_grant"})");
  EXPECT_EQ(get("/bearer", value(second.body, "access_token")).status, 401);
  EXPECT_EQ(refresh(value(second.body, "refresh_token")).status, 400);
}

class GoogleSide : public AuthDesks {
 protected:
  static sign::RsaKey key(const std::string& name = "rsa_private.pem") {
    const auto file = std::filesystem::path(POLLUX_SOURCE_DIR) / "src/sign/testdata" / name;
    return sign::RsaKey::from_pem(Secret(test::read_text(file))).value();
  }
  sign::Claims claims() const {
    return {"", "reporter@sample.iam.gserviceaccount.com", "", "http://login/google/token",
            Options().google_scope};
  }
  net::ServerResponse exchange(const std::string& jwt) {
    return post("/google/token", "",
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + jwt);
  }
  /// Right in all but what its header says.
  std::string with_algorithm(const std::string& name) {
    const std::string good = jwt(claims(), clock_.now());
    const auto dot = good.find('.');
    const std::string text =
        base64url(R"({"alg":")" + name + R"(","typ":"JWT"})") + good.substr(dot, good.rfind('.') - dot);
    return text + "." + base64url(key().sign(text).value());
  }
  std::string jwt(const sign::Claims& what, Time at) { return sign::make_jwt(key(), what, at)->reveal(); }
};

TEST_F(GoogleSide, exchanges_what_is_signed_and_true) {
  auto good = exchange(jwt(claims(), clock_.now()));
  ASSERT_EQ(good.status, 200) << good.body;
  EXPECT_EQ(get("/google/data", value(good.body, "access_token")).body,
            R"({"account":"reporter@sample.iam.gserviceaccount.com","by":"token"})");
}

TEST_F(GoogleSide, refuses_each_single_thing_that_is_wrong) {
  std::string broken = jwt(claims(), clock_.now());
  broken[broken.size() - 3] = broken[broken.size() - 3] == 'A' ? 'B' : 'A';
  EXPECT_THAT(exchange(broken).body, HasSubstr("signature"));
  auto wrong = [&](auto change, Time at) {
    auto what = claims();
    change(what);
    return exchange(jwt(what, at)).body;
  };
  const Time now = clock_.now();
  EXPECT_THAT(wrong([](auto& c) { c.issuer = "somebody@else"; }, now), HasSubstr("iss"));
  EXPECT_THAT(wrong([](auto& c) { c.audience = "http://other/token"; }, now), HasSubstr("aud"));
  EXPECT_THAT(wrong([](auto& c) { c.scope = "another"; }, now), HasSubstr("scope"));
  EXPECT_THAT(wrong([](auto&) {}, now - 2h), HasSubstr("timeframe"));
  EXPECT_THAT(wrong([](auto&) {}, now + 10min), HasSubstr("timeframe"));
  EXPECT_EQ(exchange("x.y.z").status, 400);
  // Whoever lets the sender choose the algorithm takes tokens that nobody signed.
  EXPECT_THAT(exchange(with_algorithm("none")).body, HasSubstr("alg"));
  EXPECT_THAT(exchange(with_algorithm("HS256")).body, HasSubstr("alg"));
  EXPECT_EQ(exchange(with_algorithm("RS256")).status, 200);
  EXPECT_EQ(get("/google/data", "sample-token-made-up").status, 401);
}

TEST_F(GoogleSide, takes_a_self_signed_token_for_its_own_address_and_account_only) {
  auto what = claims();
  what.subject = what.issuer;
  what.scope = "";
  what.audience = Options().google_audience;
  EXPECT_THAT(get("/google/data", jwt(what, clock_.now())).body, HasSubstr("self-signed"));
  EXPECT_EQ(get("/google/data", jwt(what, clock_.now()), "exhausted=" + what.issuer).status, 429);
  auto another = what;
  another.audience = "https://elsewhere.example/";
  EXPECT_EQ(get("/google/data", jwt(another, clock_.now())).status, 401);
  for (const char* subject : {"", "somebody@else"}) {
    another = what;
    another.subject = subject;
    EXPECT_EQ(get("/google/data", jwt(another, clock_.now())).status, 401) << subject;
  }
}

class AwsSide : public AuthDesks {
 protected:
  struct Signing {
    std::string key_id = "SAMPLEACCESSKEYID";
    std::string secret = "sample-aws-secret-access-key";
    std::string session_token = {};
    std::string region = "us-east-1";
    std::string service = "execute-api";
    bool sign_session_token = true;
  };
  net::ServerRequest signed_request() { return signed_request({}); }
  net::ServerRequest signed_request(const Signing& with) {
    sign::SigningRules rules;
    rules.content_hash_header = true;
    rules.every_header = false;
    rules.sign_session_token = with.sign_session_token;
    sign::Signer signer({with.key_id, Secret(with.secret), Secret(with.session_token)},
                        {with.region, with.service}, rules);
    net::ServerRequest request;
    request.method = "POST";
    request.path = "/aws/a%20b";
    request.query = net::parse_query("z=1&a=%2F+x");
    request.headers = {{"Host", "h"}, {"User-Agent", "u"}, {"Content-Type", "application/json"}};
    request.body = "{}";
    const auto hash = sha256_hex(request.body);
    auto added = signer.sign({"POST", request.path, "z=1&a=%2F%20x", request.headers, hash}, clock_.now());
    request.headers.insert(request.headers.end(), added.begin(), added.end());
    return request;
  }
  /// What is said to a good request after this was done to it.
  template <class Change>
  std::string changed(Change change) {
    auto request = signed_request();
    change(request);
    return api_.answer(request).body;
  }
  static std::string& header(net::ServerRequest& request, std::string_view name) {
    return std::ranges::find(request.headers, name, &net::Headers::value_type::first)->second;
  }
};

TEST_F(AwsSide, takes_a_request_that_is_signed) {
  auto answer = api_.answer(signed_request());
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_THAT(answer.body, HasSubstr("content-type;host;x-amz-content-sha256;x-amz-date"));
}

TEST_F(AwsSide, refuses_each_single_thing_that_is_wrong) {
  auto refusal = [&](const Signing& with) { return api_.answer(signed_request(with)).body; };
  EXPECT_THAT(refusal({.secret = "another-secret"}), HasSubstr("does not match"));
  EXPECT_THAT(refusal({.key_id = "ANOTHERACCESSKEYID"}), HasSubstr("no such key"));
  EXPECT_THAT(refusal({.region = "eu-west-1"}), HasSubstr("another region or service"));
  EXPECT_THAT(refusal({.service = "dynamodb"}), HasSubstr("another region or service"));
  EXPECT_THAT(changed([](auto& r) { r.body = "{} "; }), HasSubstr("not the body's"));
  EXPECT_THAT(changed([](auto& r) { r.method = "PUT"; }), HasSubstr("does not match"));
  EXPECT_THAT(changed([](auto& r) { r.path = "/aws/a"; }), HasSubstr("does not match"));
  EXPECT_THAT(changed([](auto& r) { r.query.clear(); }), HasSubstr("does not match"));
  EXPECT_THAT(changed([](auto& r) { header(r, "Host") = "other"; }), HasSubstr("does not match"));
  EXPECT_THAT(changed([](auto& r) { header(r, "X-Amz-Content-Sha256") = "UNSIGNED-PAYLOAD"; }),
              HasSubstr("not the body's"));
  EXPECT_THAT(changed([](auto& r) { r.headers.clear(); }), HasSubstr("no signature"));
  EXPECT_EQ(changed([](auto& r) { header(r, "User-Agent") = "rewritten by a proxy"; }).find("__type"),
            std::string::npos);
  EXPECT_THAT(changed([](auto& r) { header(r, "X-Amz-Date").replace(6, 2, "02"); }),
              HasSubstr("of another day"));
  auto old = signed_request();
  clock_.advance(16min);
  EXPECT_THAT(api_.answer(old).body, HasSubstr("expired"));
}

TEST_F(AwsSide, wants_all_signed_that_aws_wants_signed) {
  EXPECT_THAT(changed([](auto& r) { r.headers.emplace_back("X-Amz-Meta-Note", "slipped in"); }),
              HasSubstr("x-amz-meta-note must be signed"));
  for (const std::string name : {"content-type", "host", "x-amz-content-sha256", "x-amz-date"}) {
    EXPECT_THAT(changed([&](auto& r) {
                  auto& claim = header(r, "Authorization");
                  const auto names = claim.find("SignedHeaders=");
                  claim.erase(claim.find(name, names), name.size() + 1);
                }),
                HasSubstr(name + " must be signed"));
  }
}

TEST_F(AwsSide, wants_the_session_token_of_temporary_credentials_and_wants_it_signed) {
  Options options;
  options.aws_session_token = "sample-session-token";
  SampleApi temporary(options, clock_);
  auto said = [&](const Signing& with) { return temporary.answer(signed_request(with)).body; };
  EXPECT_THAT(said({.session_token = "sample-session-token"}), HasSubstr("x-amz-security-token"));
  EXPECT_THAT(said({.session_token = "another"}), HasSubstr("the session token is another"));
  EXPECT_THAT(said({}), HasSubstr("the session token is another"));
  EXPECT_THAT(said({.session_token = "sample-session-token", .sign_session_token = false}),
              HasSubstr("x-amz-security-token must be signed"));
}

}  // namespace
}  // namespace pollux::sample_api
