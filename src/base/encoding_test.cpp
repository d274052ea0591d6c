// SPDX-License-Identifier: Apache-2.0
#include "base/encoding.hpp"

#include <gtest/gtest.h>

namespace pollux {
namespace {

TEST(Base64, pads_as_rfc_4648_has_it) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(Base64, is_undone_also_with_line_breaks_in_it) {
  for (const std::string bytes : {"", "f", "fo", "foo", "foob", "\xff\xfe\x01"}) {
    EXPECT_EQ(base64_decode(base64(bytes)), bytes);
  }
  EXPECT_EQ(base64_decode("Zm9v\r\n YmFy\n"), "foobar");
}

TEST(Base64, is_nothing_else_than_base64) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "====", "Zg==Zg==", "Z=g=", "Zm9-", "Zm9_", "{}  "}) {
    EXPECT_FALSE(base64_decode(text)) << text;
  }
}

TEST(Base64, has_a_form_for_addresses_without_padding) {
  EXPECT_EQ(base64url("\xfb\xff\xfe"), "-__-");
  EXPECT_EQ(base64url("f"), "Zg");
}

TEST(PercentEncode, leaves_only_the_unreserved_as_they_are) {
  EXPECT_EQ(percent_encode("aZ0-._~ /+%\xc3\xa9"), "aZ0-._~%20%2F%2B%25%C3%A9");
  EXPECT_EQ(percent_encode("a/b c", true), "a/b%20c");
}

TEST(PercentDecode, is_the_inverse_and_refuses_half_an_escape) {
  EXPECT_EQ(percent_decode("a%2fb%20%C3%A9"), "a/b \xc3\xa9");
  EXPECT_EQ(percent_decode("%41"), "A");
  for (auto text : {"%", "%4", "%4g", "a%"}) EXPECT_EQ(percent_decode(text), std::nullopt) << text;
}

TEST(JsonQuote, escapes_what_rfc_8259_forbids_in_a_string) {
  EXPECT_EQ(json_quote("a\"\\\n\t\r\x01\xc3\xa9"), "\"a\\\"\\\\\\n\\t\\r\\u0001\xc3\xa9\"");
}

}  // namespace
}  // namespace pollux
