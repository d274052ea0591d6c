// SPDX-License-Identifier: Apache-2.0
#include "net/request_target.hpp"

#include <gtest/gtest.h>

namespace pollux::net {
namespace {

TEST(RequestTarget, parts_path_and_query) {
  RequestTarget expected{"/a%2Fb/c", {{"x", "1 2"}, {"y", ""}, {"z", "ä"}}};
  EXPECT_EQ(parse_target("/a%2Fb/c?x=1+2&y&z=%C3%A4"), expected);
}

TEST(RequestTarget, takes_the_absolute_and_the_asterisk_form) {
  EXPECT_EQ(parse_target("http://example.gov/x?y=1")->path, "/x");
  EXPECT_EQ(parse_target("http://example.gov")->path, "/");
  EXPECT_EQ(parse_target("https://example.gov?y=1")->path, "/");
  EXPECT_EQ(parse_target("*")->path, "*");
}

TEST(RequestTarget, refuses_what_is_none) {
  for (const char* bad : {"", "x", "../x", "?x", "ftp://x/", "/a b", "/a\tb", "/a\x7f"}) {
    EXPECT_FALSE(parse_target(bad)) << bad;
  }
}

TEST(RequestTarget, keeps_a_query_that_cannot_be_decoded_as_it_stands) {
  EXPECT_EQ(parse_query("a=%zz&=b&&c=1=2"), (QueryPairs{{"a", "%zz"}, {"", "b"}, {"c", "1=2"}}));
}

}  // namespace
}  // namespace pollux::net
