// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/token_authorizer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "poll/fetch/session_test.hpp"
#include "poll/fetch/token_request.hpp"

namespace pollux::fetch {
namespace {

using net::HttpRequest;
using std::chrono::seconds;
using test::response;
using testing::HasSubstr;

config::OAuth2Auth client() {
  auto auth = oauth2_client("the:client", "s3cret+/&");
  auth.scope = "read all";
  return auth;
}

bool for_token(const HttpRequest& request) { return request.url.ends_with("/oauth/token"); }

/// Gives token-1, token-2, ...; the API takes the newest alone, and while it lives.
struct Login {
  MovedClock* clock = nullptr;
  int given = 0;
  std::string good;
  std::string expires_in = "300";
  Millis ends{0};
  int status = 200;  // of the token endpoint

  Result<net::HttpResponse> operator()(const HttpRequest& request) {
    if (for_token(request)) {
      if (status != 200) return response(status, "");
      good = "token-" + std::to_string(++given);
      ends = clock->passed + seconds(300);
      return response(200, R"({"access_token":")" + good + R"(","expires_in":)" + expires_in + "}");
    }
    const bool known = header_of(request, "Authorization") == "Bearer " + good && clock->passed < ends;
    return known ? response(200, "{}") : response(401, "");
  }
};

TEST(TokenRequest, has_the_client_in_the_header_where_that_is_asked_for) {
  auto auth = client();
  auth.client_in = config::OAuth2Auth::ClientIn::kHeader;
  auth.audience = "https://api.example.gov/";
  auth.fields = {{"resource", Secret("a b")}, {"x", Secret("1")}};
  auto request = client_credentials_request({}, auth);
  // base64 of "the%3Aclient:s3cret%2B%2F%26"
  EXPECT_EQ(header_of(request, "Authorization"), "Basic dGhlJTNBY2xpZW50OnMzY3JldCUyQiUyRiUyNg==");
  EXPECT_EQ(request.body,
            "grant_type=client_credentials&scope=read%20all&audience=https%3A%2F%2Fapi.example.gov%2F&"
            "resource=a%20b&x=1");
  EXPECT_EQ(request.redirects, HttpRequest::Redirects::kNone);
}

TEST(TokenRequest, has_the_client_in_the_body_otherwise_and_no_header) {
  auto request = client_credentials_request({}, client());
  EXPECT_EQ(header_of(request, "Authorization"), "");
  EXPECT_EQ(
      request.body,
      "grant_type=client_credentials&client_id=the%3Aclient&client_secret=s3cret%2B%2F%26&scope=read%20all");
}

TEST(Complaint, airbyte_13660_the_token_ran_out_during_the_wait_of_a_429) {
  Login login;
  bool limited = false;
  SessionFixture* moved = nullptr;
  SessionFixture f(
      [&](const HttpRequest& request) -> Result<net::HttpResponse> {
        if (!for_token(request) && !limited) {
          limited = true;
          moved->clock.passed += seconds(400);  // what the wait takes
          return response(429, "");
        }
        return login(request);
      },
      client());
  moved = &f;
  login.clock = &f.clock;
  ASSERT_TRUE(f.send());
  EXPECT_EQ(login.given, 2);
  EXPECT_EQ(f.effort.attempts, 2U) << "no 401 on the way";
}

TEST(Complaint, telegraf_12843_there_was_no_new_login_on_a_401) {
  Login login;
  SessionFixture f(std::ref(login), client());
  login.clock = &f.clock;
  ASSERT_TRUE(f.send());
  login.good = "withdrawn";
  ASSERT_TRUE(f.send());
  EXPECT_EQ(login.given, 2);
  EXPECT_EQ(f.effort.attempts, 3U);
}

TEST(Complaint, airbyte_28311_a_token_was_used_beyond_its_end) {
  Login login;
  login.expires_in = "\"300\"";
  SessionFixture f(std::ref(login), client());
  login.clock = &f.clock;
  for (int minute = 0; minute < 60; ++minute) {
    ASSERT_TRUE(f.send());
    f.clock.passed += seconds(60);
  }
  EXPECT_EQ(f.effort.attempts, 60U) << "a 401 was needed to notice";
  EXPECT_EQ(login.given, 12);
}

TEST(TokenAuthorizer, tells_the_endpoints_error_and_not_what_it_was_sent) {
  SessionFixture f(
      [](const HttpRequest& request) {
        // The endpoint shows what it was sent, as some do.
        return response(400, R"({"error":"invalid_client","sent":")" + request.body + "\"}");
      },
      client());
  auto failed = f.send();
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, testing::Not(HasSubstr("s3cret")));
  EXPECT_THAT(failed.error().message, HasSubstr("(invalid_client) (check client_id and client_secret)"));
  EXPECT_THAT(f.lines, testing::Each(testing::Not(HasSubstr("s3cret"))));
}

TEST(TokenAuthorizer, does_not_wait_for_itself_with_a_concurrency_of_one) {
  Login login;
  SessionFixture f(std::ref(login), client());
  login.clock = &f.clock;
  f.upstream.concurrency = 1;
  f.start();
  int good = 0;
  auto one = [](SessionFixture& fixture, int& count) -> Task<> {
    HttpRequest request;
    request.url = "https://api.example.gov/data";
    auto answer = co_await fixture.session->send(std::move(request), Manner{}, fixture.effort);
    if (answer) ++count;
  };
  for (int i = 0; i < 20; ++i) asio::co_spawn(f.io, one(f, good), asio::detached);
  f.io.run_for(seconds(30));
  EXPECT_EQ(good, 20);
  EXPECT_EQ(login.given, 1);
}

TEST(TokenAuthorizer, uses_the_old_token_until_its_end_while_the_endpoint_is_down) {
  Login login;
  SessionFixture f(std::ref(login), client());
  login.clock = &f.clock;
  ASSERT_TRUE(f.send());
  login.status = 503;
  f.clock.passed += seconds(275);
  const auto before = f.client.requests.size();
  ASSERT_TRUE(f.send());
  EXPECT_EQ(f.client.requests.size() - before, 4U) << "three tries for a token, then the request";
  ASSERT_TRUE(f.send());
  EXPECT_EQ(f.client.requests.size() - before, 5U) << "not again at once";
  f.clock.passed += seconds(25);
  auto failed = f.send();
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("no token: 503 from login.example.gov after 3 attempts"));
}

TEST(TokenAuthorizer, tries_for_a_token_as_often_as_for_anything_else) {
  int asked = 0;
  SessionFixture f(
      [&](const HttpRequest& request) {
        if (!for_token(request)) return response(200, "{}");
        return ++asked < 3 ? response(503, "") : response(200, R"({"access_token":"t-1"})");
      },
      client());
  ASSERT_TRUE(f.send("POST")) << "a token may be asked for twice, whatever it is for";
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(f.session->requests(), 4U) << "tokens are counted";
}

}  // namespace
}  // namespace pollux::fetch
