// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/google_authorizer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <filesystem>
#include <map>

#include "base/encoding.hpp"
#include "poll/fetch/session_test.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::fetch {
namespace {

using net::HttpRequest;
using test::response;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

config::GoogleAuth google(std::size_t accounts, bool self_signed = false) {
  static const std::string pem =
      test::read_text(std::filesystem::path(POLLUX_SOURCE_DIR) / "src/sign/testdata/rsa_private.pem");
  config::GoogleAuth auth;
  for (std::size_t i = 0; i < accounts; ++i) {
    auth.accounts.push_back({"account-" + std::to_string(i) + "@project.example", "kid",
                             "https://login.example.gov/token", Secret(pem)});
  }
  (self_signed ? auth.audience : auth.scope) =
      self_signed ? "https://api.example.gov/" : "analytics.readonly";
  return auth;
}

std::string claims_of(const std::string& jwt) {
  const auto dot = jwt.find('.');
  std::string payload = jwt.substr(dot + 1, jwt.rfind('.') - dot - 1);
  std::ranges::replace(payload, '-', '+');
  std::ranges::replace(payload, '_', '/');
  payload.resize((payload.size() + 3) / 4 * 4, '=');
  return base64_decode(payload).value_or("");
}

std::string account_in(const std::string& claims) {
  const auto from = claims.find("account-");
  return claims.substr(from, 9);
}

/// Google's side: a token for each account; those in `over` are answered with that status.
struct Google {
  std::map<std::string, int> over;
  std::vector<std::string> used;
  int given = 0;
  std::map<std::string, std::string> retry_after = {};  // that goes with it

  Result<net::HttpResponse> operator()(const HttpRequest& request) {
    if (request.url.ends_with("/token")) {
      const auto assertion = request.body.substr(request.body.find("assertion=") + 10);
      return response(200, R"({"access_token":"ya29.)" + account_in(claims_of(assertion)) + "." +
                               std::to_string(++given) + R"(","expires_in":3600})");
    }
    const auto token = header_of(request, "Authorization");
    used.push_back(token.substr(token.find("account-"), 9));
    auto found = over.find(used.back());
    if (found == over.end()) return response(200, "{}");
    auto words = retry_after.find(used.back());
    if (words == retry_after.end()) return response(found->second, "");
    return response(found->second, "", {{"Retry-After", words->second}});
  }
};

TEST(GoogleAuthorizer, exchanges_an_assertion_for_a_token_that_is_used_for_an_hour) {
  Google server;
  SessionFixture f(std::ref(server), google(1));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(f.send());
  EXPECT_EQ(server.given, 1);
  const auto& asked = f.client.requests[0];
  EXPECT_EQ(asked.url, "https://login.example.gov/token");
  EXPECT_THAT(asked.body,
              HasSubstr("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="));
  EXPECT_EQ(
      claims_of(asked.body.substr(asked.body.find("assertion=") + 10)),
      R"({"iss":"account-0@project.example","sub":"account-0@project.example",)"
      R"("aud":"https://login.example.gov/token","scope":"analytics.readonly","iat":1767225600,"exp":1767229200})");
  EXPECT_TRUE(f.redactor.reveals(asked.body)) << "the assertion is a secret";
}

TEST(GoogleAuthorizer, signs_for_the_api_itself_without_asking_anybody) {
  SessionFixture f([](const HttpRequest&) { return response(200, "{}"); }, google(1, true));
  ASSERT_TRUE(f.send());
  ASSERT_TRUE(f.send());
  ASSERT_EQ(f.client.requests.size(), 2U);
  const auto first = header_of(f.client.requests[0], "Authorization");
  EXPECT_EQ(first, header_of(f.client.requests[1], "Authorization")) << "one signature for an hour";
  EXPECT_EQ(claims_of(first), R"({"iss":"account-0@project.example","sub":"account-0@project.example",)"
                              R"("aud":"https://api.example.gov/","iat":1767225600,"exp":1767229200})");
  EXPECT_TRUE(f.redactor.reveals(first));
  f.clock.passed += std::chrono::minutes(59);
  ASSERT_TRUE(f.send());
  EXPECT_NE(first, header_of(f.client.requests[2], "Authorization"));
}

TEST(GoogleAuthorizer, uses_several_accounts_in_turn) {
  Google server;
  SessionFixture f(std::ref(server), google(3));
  for (int i = 0; i < 7; ++i) ASSERT_TRUE(f.send());
  EXPECT_THAT(server.used, ElementsAre("account-0", "account-1", "account-2", "account-0", "account-1",
                                       "account-2", "account-0"));
  EXPECT_EQ(server.given, 3);
}

TEST(GoogleAuthorizer, begins_with_another_account_by_chance) {
  Google server;
  SessionFixture f(std::ref(server), google(3));
  f.chance = 0.99;
  f.start();
  ASSERT_TRUE(f.send());
  EXPECT_THAT(server.used, ElementsAre("account-2"));
}

TEST(GoogleAuthorizer, moves_on_from_an_account_that_is_over_its_quota_and_lets_it_rest) {
  for (const int status : {429, 403, 401}) {
    Google server{{{"account-0", status}}, {}, 0};
    SessionFixture f(std::ref(server), google(3));
    ASSERT_TRUE(f.send()) << status;
    EXPECT_THAT(server.used, ElementsAre("account-0", "account-1")) << status;
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(f.send());
    EXPECT_THAT(server.used,
                ElementsAre("account-0", "account-1", "account-2", "account-1", "account-2", "account-1"))
        << status;
    server.over.clear();
    f.clock.passed += std::chrono::minutes(2);
    ASSERT_TRUE(f.send());
    ASSERT_TRUE(f.send());
    EXPECT_EQ(server.used.back(), "account-0") << status;
  }
}

TEST(GoogleAuthorizer, gives_each_of_those_that_ask_at_once_an_account_of_its_own) {
  Google server;
  SessionFixture f(std::ref(server), google(8));
  std::vector<std::string> failed;
  auto one = [](SessionFixture& fixture, std::vector<std::string>& failures) -> Task<> {
    HttpRequest request;
    request.url = "https://api.example.gov/data";
    auto answer = co_await fixture.session->send(std::move(request), Manner{}, fixture.effort);
    if (!answer) failures.push_back(answer.error().message);
  };
  for (int i = 0; i < 8; ++i) asio::co_spawn(f.io, one(f, failed), asio::detached);
  f.io.run_for(std::chrono::seconds(30));
  EXPECT_THAT(failed, testing::IsEmpty());
  EXPECT_THAT(server.used, testing::UnorderedElementsAre("account-0", "account-1", "account-2", "account-3",
                                                         "account-4", "account-5", "account-6", "account-7"));
  EXPECT_EQ(server.given, 8);
}

TEST(GoogleAuthorizer, lets_an_account_rest_for_as_long_as_its_refusal_asked) {
  Google server{{{"account-0", 429}}, {}, 0, {{"account-0", "3600"}}};
  SessionFixture f(std::ref(server), google(2));
  ASSERT_TRUE(f.send());
  for (int minutes = 0; minutes < 50; minutes += 10) {
    f.clock.passed += std::chrono::minutes(10);
    ASSERT_TRUE(f.send());
  }
  EXPECT_EQ(std::ranges::count(server.used, "account-0"), 1);
  server.over.clear();
  f.clock.passed += std::chrono::minutes(11);
  ASSERT_TRUE(f.send());
  ASSERT_TRUE(f.send());
  EXPECT_EQ(std::ranges::count(server.used, "account-0"), 2);
}

TEST(GoogleAuthorizer, leaves_the_api_alone_as_asked_when_no_account_is_left) {
  Google server{
      {{"account-0", 429}, {"account-1", 429}}, {}, 0, {{"account-0", "7200"}, {"account-1", "3600"}}};
  SessionFixture f(std::ref(server), google(2));
  EXPECT_FALSE(f.send());
  EXPECT_THAT(server.used, ElementsAre("account-0", "account-1"));
  HttpRequest request;
  request.url = "https://api.example.gov/data";
  const Manner manner{true, f.clock.now() + std::chrono::minutes(30)};
  auto failed = test::run_task(f.io, f.session->send(std::move(request), manner, f.effort));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::kLimited);
  EXPECT_THAT(failed.error().message, HasSubstr("(Retry-After)"));
  EXPECT_EQ(server.used.size(), 2U);
}

TEST(GoogleAuthorizer, asks_the_account_that_may_be_asked_first_when_all_rest) {
  Google server{{{"account-0", 429}, {"account-1", 429}}, {}, 0, {{"account-0", "3600"}}};
  SessionFixture f(std::ref(server), google(2));
  EXPECT_FALSE(f.send());
  EXPECT_THAT(server.used, ElementsAre("account-0", "account-1", "account-1", "account-1"));
}

TEST(GoogleAuthorizer, asks_each_account_once_when_all_are_forbidden) {
  Google server{{{"account-0", 403}, {"account-1", 403}, {"account-2", 403}}, {}, 0};
  SessionFixture f(std::ref(server), google(3));
  auto failed = f.send();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::kForbidden);
  EXPECT_THAT(server.used, ElementsAre("account-0", "account-1", "account-2"));
}

TEST(GoogleAuthorizer, asks_one_account_again_after_a_401_and_never_after_a_403) {
  Google withdrawn{{{"account-0", 401}}, {}, 0};
  SessionFixture f(std::ref(withdrawn), google(1));
  EXPECT_FALSE(f.send());
  EXPECT_EQ(withdrawn.given, 2);
  EXPECT_EQ(withdrawn.used.size(), 2U);
  Google forbidden{{{"account-0", 403}}, {}, 0};
  SessionFixture g(std::ref(forbidden), google(1));
  EXPECT_FALSE(g.send());
  EXPECT_EQ(forbidden.used.size(), 1U);
}

TEST(GoogleAuthorizer, passes_over_an_account_that_gets_no_token_and_says_so_once) {
  for (const int status : {400, 403}) {
    Google server;
    bool withdrawn = true;
    SessionFixture f(
        [&](const HttpRequest& request) {
          const bool first =
              request.url.ends_with("/token") &&
              account_in(claims_of(request.body.substr(request.body.find("assertion=") + 10))) == "account-0";
          return first && withdrawn ? response(status, R"({"error":"invalid_grant"})") : server(request);
        },
        google(3));
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(f.send()) << status;
    EXPECT_THAT(server.used, ElementsAre("account-1", "account-2", "account-1", "account-2", "account-1"));
    EXPECT_THAT(f.lines, ElementsAre(AllOf(HasSubstr("account-0@project.example is passed over"),
                                           HasSubstr(std::to_string(status)))));
    f.clock.passed += std::chrono::minutes(2);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(f.send());
    EXPECT_EQ(f.lines.size(), 1U);
    withdrawn = false;
    f.clock.passed += std::chrono::minutes(2);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(f.send());
    EXPECT_EQ(std::ranges::count(server.used, "account-0"), 1);
  }
}

TEST(GoogleAuthorizer, passes_over_an_account_whose_key_cannot_be_read) {
  Google server;
  auto auth = google(2);
  auth.accounts[0].private_key = Secret("no key");
  SessionFixture f(std::ref(server), auth);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(f.send());
  EXPECT_THAT(server.used, ElementsAre("account-1", "account-1", "account-1"));
}

TEST(GoogleAuthorizer, fails_when_no_account_gets_a_token) {
  SessionFixture f([](const HttpRequest&) { return response(400, R"({"error":"invalid_grant"})"); },
                   google(3));
  auto failed = f.send();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::kUnauthorized);
  EXPECT_EQ(f.client.requests.size(), 3U);
}

TEST(GoogleAuthorizer, names_the_account_whose_assertion_is_refused_and_no_secret) {
  SessionFixture f([](const HttpRequest&) { return response(400, R"({"error":"invalid_grant"})"); },
                   google(1));
  auto failed = f.send();
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message,
              AllOf(HasSubstr("(invalid_grant)"), HasSubstr("check the key of account-0@project.example"),
                    Not(HasSubstr("PRIVATE KEY")), Not(HasSubstr("eyJ"))));
}

}  // namespace
}  // namespace pollux::fetch
