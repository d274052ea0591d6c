// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/aws_authorizer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/digest.hpp"
#include "poll/fetch/session_test.hpp"

namespace pollux::fetch {
namespace {

using net::HttpRequest;
using test::response;
using testing::HasSubstr;
using testing::StartsWith;

config::AwsAuth aws(std::string service = "execute-api") {
  return {"AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), std::nullopt, "us-east-1",
          std::move(service)};
}

HttpRequest signed_request(const config::AwsAuth& auth, HttpRequest request) {
  asio::io_context io;
  MovedClock clock;
  Redactor redactor;
  test::FakeHttpClient client([](const HttpRequest&) { return response(200, ""); });
  SessionParts parts{client, clock, redactor, [] { return 0.0; }};
  AwsAuthorizer authorizer(auth, parts);
  EXPECT_TRUE(test::run_task(io, authorizer.authorize(request, Manner{})));
  EXPECT_TRUE(authorizer.in_turn(request));
  return request;
}

HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  request.set_header("User-Agent", "pollux/1");
  request.set_header("Accept", "application/json");
  return request;
}

TEST(Complaint, aws_sdk_cpp_323_a_proxy_rewrote_a_header_that_was_signed) {
  auto request = get("https://api.example.gov/v1/data?b=2&a=1");
  request.set_header("Content-Type", "application/json");
  request.set_header("Via", "1.1 proxy");
  request.set_header("Accept-Encoding", "gzip");
  request.set_header("Cache-Control", "no-cache");
  request.set_header("X-Forwarded-For", "10.0.0.1");
  request.set_header("X-Amz-Target", "Service.Action");
  for (const char* service : {"execute-api", "s3"}) {
    EXPECT_THAT(header_of(signed_request(aws(service), request), "Authorization"),
                HasSubstr("SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-target,"))
        << service;
  }
}

TEST(AwsAuthorizer, signs_what_goes_onto_the_wire) {
  auto request = get("https://api.example.gov:443/v1/da%20ta?b=2&a=1");
  request.method = "POST";
  request.body = "{}";
  const auto sent = signed_request(aws(), request);
  EXPECT_EQ(header_of(sent, "X-Amz-Content-Sha256"), sha256_hex("{}"));
  EXPECT_EQ(header_of(sent, "X-Amz-Date"), "20260101T000000Z");
  EXPECT_THAT(
      header_of(sent, "Authorization"),
      StartsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/execute-api/aws4_request, "));
  // Computed once more, from the description of the algorithm: libcurl leaves a scheme's own port out of
  // Host.
  const std::string hash = sha256_hex("{}");
  const sign::SignedParts parts{
      "POST",
      "/v1/da%20ta",
      "b=2&a=1",
      {{"Host", "api.example.gov"}, {"X-Amz-Date", "20260101T000000Z"}, {"X-Amz-Content-Sha256", hash}},
      hash};
  sign::SigningRules rules;
  rules.every_header = false;
  const auto to_sign = sign::string_to_sign(sign::canonical_request(parts, rules),
                                            {"us-east-1", "execute-api"}, "20260101T000000Z");
  EXPECT_THAT(to_sign, StartsWith("AWS4-HMAC-SHA256\n20260101T000000Z\n"));
  sign::Signer signer({"AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), {}},
                      {"us-east-1", "execute-api"}, rules);
  EXPECT_EQ(header_of(sent, "Authorization"),
            signer
                .sign({parts.method,
                       parts.path,
                       parts.query,
                       {{"Host", "api.example.gov"}, {"X-Amz-Content-Sha256", hash}},
                       hash},
                      MovedClock().now())
                .back()
                .second);
}

TEST(AwsAuthorizer, sends_and_signs_the_token_of_temporary_credentials) {
  auto auth = aws();
  auth.session_token = Secret("the-session-token");
  const auto sent = signed_request(auth, get("https://api.example.gov"));
  EXPECT_EQ(header_of(sent, "X-Amz-Security-Token"), "the-session-token");
  EXPECT_THAT(header_of(sent, "Authorization"), HasSubstr(";x-amz-security-token,"));
}

TEST(AwsAuthorizer, does_not_follow_a_redirect_with_a_signature_for_another_address) {
  auto request = get("https://api.example.gov/");
  request.redirects = HttpRequest::Redirects::kSameHost;
  EXPECT_EQ(signed_request(aws(), request).redirects, HttpRequest::Redirects::kNone);
}

TEST(AwsAuthorizer, leaves_the_tokens_of_others_hidden_however_often_it_signs) {
  SessionFixture f([](const HttpRequest&) { return response(200, "{}"); }, aws());
  f.redactor.hide_passing(Secret("access-token-of-another-upstream"));
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(f.send());
    f.clock.passed += std::chrono::seconds(1);
  }
  EXPECT_EQ(f.redactor.redact("access-token-of-another-upstream"), "***");
}

TEST(AwsAuthorizer, signs_each_attempt_with_its_own_time) {
  SessionFixture* moved = nullptr;
  SessionFixture f(
      [&](const HttpRequest&) {
        moved->clock.passed += std::chrono::minutes(20);
        return response(503, "");
      },
      aws());
  moved = &f;
  EXPECT_FALSE(f.send());
  ASSERT_EQ(f.client.requests.size(), 3U);
  EXPECT_EQ(header_of(f.client.requests[0], "X-Amz-Date"), "20260101T000000Z");
  EXPECT_EQ(header_of(f.client.requests[1], "X-Amz-Date"), "20260101T002000Z");
  EXPECT_EQ(header_of(f.client.requests[2], "X-Amz-Date"), "20260101T004000Z");
}

}  // namespace
}  // namespace pollux::fetch
