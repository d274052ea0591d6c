// SPDX-License-Identifier: Apache-2.0
#include "config/aws_profile.hpp"

#include <gtest/gtest.h>

namespace pollux::config {
namespace {

constexpr const char* kFile =
    "# made by hand\r\n"
    "aws_access_key_id = outside\n"
    "[default]\r\n"
    "aws_access_key_id = AKDEFAULT\r\n"
    "AWS_Secret_Access_Key=a+b/c=d==\n"
    "\n"
    "; and another\n"
    "[ other ]\n"
    "  aws_access_key_id=first\n"
    "aws_access_key_id = AKOTHER\n"
    "aws_secret_access_key = other-secret\n"
    "aws_session_token = FwoG//x==\n"
    "#aws_session_token = no\n"
    "region = eu-west-3\n"
    "[role]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = default\n"
    "[half]\naws_access_key_id = AKHALF\n";

TEST(AwsProfile, takes_the_keys_of_the_profile_that_is_named) {
  auto keys = parse_aws_profile(kFile, "default");
  ASSERT_TRUE(keys) << keys.error();
  EXPECT_EQ(keys->access_key_id, "AKDEFAULT");
  EXPECT_EQ(keys->secret_access_key.reveal(), "a+b/c=d==") << "only the first = ends the name";
  EXPECT_FALSE(keys->session_token);
  keys = parse_aws_profile(kFile, "other");
  ASSERT_TRUE(keys) << keys.error();
  EXPECT_EQ(keys->access_key_id, "AKOTHER");
  EXPECT_EQ(keys->session_token, Secret("FwoG//x=="));
}

TEST(AwsProfile, says_what_is_missing_without_showing_what_is_there) {
  EXPECT_EQ(parse_aws_profile(kFile, "nobody").error(), "no profile [nobody]");
  EXPECT_EQ(parse_aws_profile(kFile, "half").error(), "no `aws_secret_access_key` in [half]");
  EXPECT_EQ(parse_aws_profile(kFile, "role").error(), "the `source_profile` of [role] is not supported");
  EXPECT_EQ(parse_aws_profile("", "default").error(), "no profile [default]");
  EXPECT_EQ(parse_aws_profile("[default", "default").error(), "no profile [default]");
}

TEST(AwsProfile, takes_no_value_that_could_not_stand_in_a_header) {
  EXPECT_FALSE(parse_aws_profile("[d]\naws_access_key_id=a b\naws_secret_access_key=x\n", "d"));
  EXPECT_FALSE(parse_aws_profile("[d]\naws_access_key_id=a\naws_secret_access_key=\xff\n", "d"));
  EXPECT_FALSE(
      parse_aws_profile("[d]\naws_access_key_id=a\naws_secret_access_key=x\naws_session_token=\x01\n", "d"));
}

}  // namespace
}  // namespace pollux::config
