// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/pages/page_address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pollux::fetch {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kHere = "https://api.test/v1/list?a=1";

TEST(PageAddress, resolves_what_is_relative) {
  EXPECT_EQ(next_address(kHere, "?page=2"), "https://api.test/v1/list?page=2");
  EXPECT_EQ(next_address(kHere, "/v1/list?page=2#x"), "https://api.test/v1/list?page=2");
  EXPECT_EQ(next_address(kHere, "more"), "https://api.test/v1/more");
  EXPECT_EQ(next_address(kHere, "https://API.test:443/v2"), "https://API.test:443/v2");
}

TEST(PageAddress, leads_to_no_other_host_scheme_or_port) {
  for (const char* next : {"http://api.test/v1", "https://evil.test/", "https://api.test:8443/",
                           "//evil.test/x", "https://api.test.evil.test/", "ftp://api.test/"}) {
    auto address = next_address(kHere, next);
    ASSERT_FALSE(address) << next;
    EXPECT_EQ(address.error().kind, ErrorKind::kRedirect) << next;
  }
  auto address = next_address(kHere, "https://evil.test/?key=secret");
  EXPECT_THAT(address.error().message, HasSubstr("https://evil.test:443"));
  EXPECT_THAT(address.error().message, Not(HasSubstr("secret")));
}

TEST(PageAddress, refuses_what_is_no_address) {
  for (const char* next : {"", "https://user:password@api.test/", "/a b", "http://[", "/\r\nX: y", "https://",
                           "mailto:key@evil.test"})
    EXPECT_FALSE(next_address(kHere, next)) << next;
}

TEST(PageAddress, puts_a_parameter_in_the_place_of_earlier_ones) {
  EXPECT_EQ(with_parameter("http://a/x", "p", "1"), "http://a/x?p=1");
  EXPECT_EQ(with_parameter("http://a/x?q=2&p=0&%70=3", "p", "a b/ü"), "http://a/x?q=2&p=a%20b%2F%C3%BC");
  EXPECT_EQ(with_parameter("http://a/x?", "p", ""), "http://a/x?p=");
  EXPECT_EQ(without_parameter("http://a/x?p=1", "p"), "http://a/x");
  EXPECT_EQ(without_parameter("http://a/x?pp=1&p", "p"), "http://a/x?pp=1");
}

}  // namespace
}  // namespace pollux::fetch
