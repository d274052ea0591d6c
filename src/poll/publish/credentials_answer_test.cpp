// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/credentials_answer.hpp"

#include <gtest/gtest.h>

#include "base/units.hpp"

namespace pollux::publish {
namespace {

// As https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html has it.
constexpr const char* kInstance = R"({
  "Code" : "Success", "LastUpdated" : "2026-01-02T00:00:00Z", "Type" : "AWS-HMAC",
  "AccessKeyId" : "ASIAEXAMPLE", "SecretAccessKey" : "wJalr/x+y", "Token" : "FwoG//==",
  "Expiration" : "2026-01-02T06:00:00Z"})";

// As https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html has it.
constexpr const char* kSts =
    R"(<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
 <AssumeRoleWithWebIdentityResult>
  <SubjectFromWebIdentityToken>amzn1.account.x</SubjectFromWebIdentityToken>
  <Credentials><SessionToken>AQoE/&amp;==</SessionToken><SecretAccessKey>wJalr/x+y</SecretAccessKey>
   <Expiration>2026-01-02T06:00:00Z</Expiration><AccessKeyId>ASIAEXAMPLE</AccessKeyId></Credentials>
 </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>)";

TEST(CredentialsAnswer, is_read_from_json) {
  auto answer = parse_credentials_json(kInstance);
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(answer->keys.access_key_id, "ASIAEXAMPLE");
  EXPECT_EQ(answer->keys.secret_access_key, Secret("wJalr/x+y"));
  EXPECT_EQ(answer->keys.session_token, Secret("FwoG//=="));
  EXPECT_EQ(answer->ends, parse_time("2026-01-02T06:00:00Z"));
  EXPECT_FALSE(parse_credentials_json(R"({"AccessKeyId":"a","SecretAccessKey":"b"})")->ends);
}

TEST(CredentialsAnswer, is_read_from_the_xml_of_sts) {
  auto answer = parse_sts_answer(kSts);
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(answer->keys.access_key_id, "ASIAEXAMPLE");
  EXPECT_EQ(answer->keys.session_token, Secret("AQoE/&=="));
  EXPECT_EQ(answer->ends, parse_time("2026-01-02T06:00:00Z"));
}

TEST(CredentialsAnswer, that_is_a_refusal_is_told_by_a_plain_word_only) {
  auto refused =
      parse_credentials_json(R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"secret words"})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kForbidden);
  EXPECT_EQ(refused.error().message, "refused: AssumeRoleUnauthorizedAccess");
  EXPECT_EQ(parse_credentials_json(R"({"Code":"<b>"})").error().message, "refused");
}

TEST(CredentialsAnswer, that_is_none_is_an_error_and_is_not_shown) {
  for (const char* body : {"", "[]", "<html>hidden</html>", R"({"AccessKeyId":"hidden"})",
                           R"({"AccessKeyId":"hid den","SecretAccessKey":"b"})",
                           R"({"AccessKeyId":"a\r\nX-Evil: hidden","SecretAccessKey":"b"})",
                           R"({"AccessKeyId":"a","SecretAccessKey":"b","Expiration":"hidden"})"}) {
    auto answer = parse_credentials_json(body);
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error().kind, ErrorKind::kMalformed);
    EXPECT_EQ(answer.error().message.find("hidden"), std::string::npos);
  }
  for (const char* xml : {"", "<Credentials>", "<Credentials></Credentials>",
                          "<AccessKeyId>a</AccessKeyId><SecretAccessKey>b</SecretAccessKey>"})
    EXPECT_FALSE(parse_sts_answer(xml)) << xml;
}

}  // namespace
}  // namespace pollux::publish
