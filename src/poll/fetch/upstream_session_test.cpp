// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/upstream_session.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "poll/fetch/token_source.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::fetch {
namespace {

using net::HttpRequest;
using net::HttpResponse;
using std::chrono::seconds;
using test::response;

// Steady time that the test moves: tokens grow old by it.
class SteppedClock final : public Clock {
 public:
  Time now() const override { return Time(seconds(1'767'225'600)); }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point(passed);
  }
  seconds passed{1000};
};

std::string authorization(const HttpRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (name == "Authorization") return value;
  }
  return "";
}

bool for_token(const HttpRequest& request) { return request.url.ends_with("/oauth/token"); }

struct Fixture {
  explicit Fixture(test::FakeHttpClient::Answer answer, config::Auth auth = {}) : client(std::move(answer)) {
    upstream.name = "api";
    upstream.url = "https://api.example.gov";
    upstream.auth = std::move(auth);
    upstream.retry = {3, Millis(1), Millis(1)};
    session = std::make_unique<UpstreamSession>(upstream,
                                                SessionParts{client, clock, redactor, [] { return 0.5; }});
  }
  Result<HttpResponse> send(std::string method = "GET") {
    HttpRequest request;
    const bool repeatable = method != "POST";
    request.method = std::move(method);
    request.url = "https://api.example.gov/data";
    return test::run_task(io, session->send(std::move(request), Manner{repeatable, {}}, effort));
  }
  std::size_t token_requests() const {
    return static_cast<std::size_t>(std::ranges::count_if(client.requests, for_token));
  }

  Effort effort;
  asio::io_context io;
  SteppedClock clock;
  Redactor redactor;
  config::Upstream upstream;
  test::FakeHttpClient client;
  std::unique_ptr<UpstreamSession> session;
};

config::Auth oauth2() {
  config::OAuth2Auth auth;
  auth.token_url = "https://login.example.gov/oauth/token";
  auth.client_id = "the-client";
  auth.client_secret = Secret("the secret&");
  auth.scope = "read";
  return auth;
}

// Plays API and login: each token request gives token-1, token-2, ...; the API takes only `good`.
struct Login {
  int given = 0;
  std::string good;
  int expires_in = 3600;
  Result<HttpResponse> operator()(const HttpRequest& request) {
    if (for_token(request)) {
      good = "token-" + std::to_string(++given);
      return response(
          200, R"({"access_token":")" + good + R"(","expires_in":)" + std::to_string(expires_in) + "}");
    }
    return authorization(request) == "Bearer " + good ? response(200, "{}") : response(401, "");
  }
};

TEST(UpstreamSession, puts_static_credentials_where_they_belong) {
  auto well = [](const HttpRequest&) { return response(200, "{}"); };
  Fixture header(well, config::KeyAuth{config::KeyAuth::In::kHeader, "X-Api-Key", Secret("k-1234")});
  ASSERT_TRUE(header.send());
  EXPECT_EQ(header.client.requests[0].headers.back(),
            (std::pair<std::string, std::string>("X-Api-Key", "k-1234")));

  Fixture query(well, config::KeyAuth{config::KeyAuth::In::kQuery, "api_key", Secret("k&1234")});
  ASSERT_TRUE(query.send());
  EXPECT_EQ(query.client.requests[0].url, "https://api.example.gov/data?api_key=k%261234");

  Fixture basic(well, config::BasicAuth{"user", Secret("pass")});
  ASSERT_TRUE(basic.send());
  EXPECT_EQ(authorization(basic.client.requests[0]), "Basic dXNlcjpwYXNz");

  Fixture bearer(well, config::BearerAuth{Secret("tttttt")});
  ASSERT_TRUE(bearer.send());
  EXPECT_EQ(authorization(bearer.client.requests[0]), "Bearer tttttt");
}

TEST(UpstreamSession, asks_for_a_token_as_rfc_6749_has_it) {
  Login login;
  Fixture f(std::ref(login), oauth2());
  ASSERT_TRUE(f.send());
  const HttpRequest& asked = f.client.requests[0];
  EXPECT_EQ(asked.method, "POST");
  EXPECT_EQ(asked.url, "https://login.example.gov/oauth/token");
  EXPECT_EQ(asked.body,
            "grant_type=client_credentials&client_id=the-client&client_secret=the%20secret%26&scope=read");
  EXPECT_TRUE(f.redactor.reveals("a log line with token-1 in it"));
}

Task<> send_and_count(UpstreamSession& session, int& good, int& bad) {
  HttpRequest request;
  request.url = "https://api.example.gov/data";
  Effort effort;
  auto answer = co_await session.send(std::move(request), Manner{}, effort);
  ++(answer ? good : bad);
}

TEST(UpstreamSession, takes_an_answer_for_the_proxys_own_only_where_the_proxy_sees_the_request) {
  auto denied = [](const HttpRequest&) {
    return response(403, "", {{"Proxy-Status", "pollux; error=http_request_denied"}});
  };
  for (const char* proxy : {"http://127.0.0.1:3128", "socks5h://127.0.0.1:1080"}) {
    Fixture f(denied);
    HttpRequest request;
    request.url = "http://api.example.gov/data";
    request.way.proxy = Secret(proxy);
    const auto answer = test::run_task(f.io, f.session->send(request, Manner{}, f.effort));
    ASSERT_FALSE(answer);
    const bool sees = request.way.proxy->reveal().starts_with("http:");
    EXPECT_EQ(answer.error().kind, sees ? ErrorKind::kProxy : ErrorKind::kForbidden) << proxy;
  }
}

TEST(UpstreamSession, fetches_one_token_when_50_polls_want_it) {
  Login login;
  Fixture f(std::ref(login), oauth2());
  int good = 0;
  int bad = 0;
  for (int i = 0; i < 50; ++i) asio::co_spawn(f.io, send_and_count(*f.session, good, bad), asio::detached);
  f.io.run();
  EXPECT_EQ(good, 50);
  EXPECT_EQ(f.token_requests(), 1U);
}

TEST(UpstreamSession, asks_once_for_50_polls_when_the_client_is_refused) {
  Fixture f([](const HttpRequest&) { return response(401, R"({"error":"invalid_client"})"); }, oauth2());
  int good = 0;
  int bad = 0;
  for (int i = 0; i < 50; ++i) asio::co_spawn(f.io, send_and_count(*f.session, good, bad), asio::detached);
  f.io.run();
  EXPECT_EQ(bad, 50);
  EXPECT_EQ(f.client.requests.size(), 1U);
  auto again = f.send();  // a later run tries again
  ASSERT_FALSE(again);
  EXPECT_EQ(f.client.requests.size(), 2U);
  EXPECT_EQ(again.error().message.find("the secret"), std::string::npos);
  EXPECT_NE(again.error().message.find("check client_id and client_secret"), std::string::npos);
}

TEST(UpstreamSession, renews_the_token_before_it_ends) {
  Login login;
  login.expires_in = 300;
  Fixture f(std::ref(login), oauth2());
  ASSERT_TRUE(f.send());
  f.clock.passed += seconds(269);
  ASSERT_TRUE(f.send());
  EXPECT_EQ(login.given, 1);
  f.clock.passed += seconds(2);  // a tenth before its end
  ASSERT_TRUE(f.send());
  EXPECT_EQ(login.given, 2);
}

TEST(UpstreamSession, renews_the_token_once_on_a_401_and_then_gives_up) {
  Login login;
  Fixture f(std::ref(login), oauth2());
  ASSERT_TRUE(f.send());
  login.good = "revoked";
  ASSERT_TRUE(f.send());
  EXPECT_EQ(login.given, 2);

  int tokens = 0;
  Fixture never(
      [&](const HttpRequest& request) {
        return for_token(request) ? response(200, R"({"access_token":"t-)" + std::to_string(++tokens) + "\"}")
                                  : response(401, "");
      },
      oauth2());
  auto refused = never.send();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnauthorized);
  EXPECT_EQ(tokens, 2);
  EXPECT_EQ(never.client.requests.size(), 4U);
}

TEST(UpstreamSession, tries_again_what_may_pass_and_tells_how_often) {
  int asked = 0;
  Fixture f([&](const HttpRequest&) { return ++asked < 3 ? response(503, "") : response(200, "ok"); });
  auto answer = f.send();
  ASSERT_TRUE(answer);
  EXPECT_EQ(f.effort.attempts, 3U);

  Fixture never([](const HttpRequest&) { return response(503, ""); });
  auto failed = never.send();
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("503 from api.example.gov after 3 attempts in"), std::string::npos);
  EXPECT_EQ(never.client.requests.size(), 3U);
}

TEST(UpstreamSession, does_not_repeat_a_post_nor_what_cannot_pass) {
  Fixture post([](const HttpRequest&) { return response(503, ""); });
  ASSERT_FALSE(post.send("POST"));
  EXPECT_EQ(post.client.requests.size(), 1U);
  Fixture missing([](const HttpRequest&) { return response(404, ""); });
  ASSERT_FALSE(missing.send());
  EXPECT_EQ(missing.client.requests.size(), 1U);
}

TEST(UpstreamSession, never_has_more_requests_under_way_than_its_concurrency) {
  Fixture f([](const HttpRequest&) { return response(200, "{}"); });
  int good = 0;
  int bad = 0;
  for (int i = 0; i < 40; ++i) asio::co_spawn(f.io, send_and_count(*f.session, good, bad), asio::detached);
  f.io.run();
  EXPECT_EQ(good, 40);
  EXPECT_EQ(f.client.most_in_flight, 4);
}

TEST(ParseTokenAnswer, refuses_what_holds_no_token) {
  for (auto body :
       {"", "<html>", "[]", "{}", R"({"access_token":7})", R"({"access_token":""})", R"({"error":"x"})"}) {
    EXPECT_FALSE(parse_token_answer(body, "h")) << body;
  }
}

TEST(ParseTokenAnswer, takes_an_hour_where_the_lifetime_is_missing_or_makes_no_sense) {
  EXPECT_EQ(parse_token_answer(R"({"access_token":"t"})", "h")->lifetime, seconds(3600));
  EXPECT_EQ(parse_token_answer(R"({"access_token":"t","expires_in":-1})", "h")->lifetime, seconds(3600));
  EXPECT_EQ(parse_token_answer(R"({"access_token":"t","expires_in":"90"})", "h")->lifetime, seconds(90));
}

}  // namespace
}  // namespace pollux::fetch
