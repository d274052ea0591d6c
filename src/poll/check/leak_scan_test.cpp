// SPDX-License-Identifier: Apache-2.0
#include "poll/check/leak_scan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace pollux::check {
namespace {

TEST(CheckNoSecret, refuses_a_body_that_echoes_a_credential_in_any_form) {
  Redactor redactor;
  redactor.hide(Secret("s3cr&t \"value\""));
  const std::vector<std::string> bodies = {R"({"echo":"s3cr&t \"value\""})",
                                           R"({"url":"/?key=s3cr%26t%20%22value%22"})",
                                           "{\"auth\":\"" + base64("user:s3cr&t \"value\"") + "\"}"};
  for (const auto& body : bodies) {
    auto result = check_no_secret(body, redactor);
    ASSERT_FALSE(result) << body;
    EXPECT_EQ(result.error().kind, ErrorKind::kRejected);
    EXPECT_THAT(result.error().message, testing::Not(testing::HasSubstr("s3cr")));
  }
}

TEST(CheckNoSecret, lets_other_bodies_pass) {
  Redactor redactor;
  redactor.hide(Secret("a-long-secret"));
  EXPECT_TRUE(check_no_secret(R"({"a":"a-long-story"})", redactor));
  EXPECT_TRUE(check_no_secret("", redactor));
}

}  // namespace
}  // namespace pollux::check
