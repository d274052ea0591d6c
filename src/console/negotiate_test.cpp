// SPDX-License-Identifier: Apache-2.0
#include "console/negotiate.hpp"

#include <gtest/gtest.h>

namespace pollux::console {
namespace {

TEST(Negotiate, gives_gzip_to_those_who_ask_for_it) {
  for (const char* yes :
       {"gzip", "GZIP", "br, gzip;q=0.5", "*", "deflate, *;q=0.1", "gzip;q=1.000", "gzip ; q=0.001"}) {
    EXPECT_TRUE(accepts_gzip(yes)) << yes;
  }
  for (const char* no : {"", "br", "gzip;q=0", "gzip;q=0.000", "*;q=0", "gzip;q=0, *", "identity, gzip;q=0.5",
                         "gzip;q=2", "gzip;q=x", "gzip;level=1", "x;gzip", ",,,"}) {
    EXPECT_FALSE(accepts_gzip(no)) << no;
  }
}

TEST(Negotiate, compares_tags_weakly) {
  EXPECT_TRUE(matches_etag("\"a\"", "\"a\""));
  EXPECT_TRUE(matches_etag("\"x,y\", W/\"a\"", "\"a\""));
  EXPECT_TRUE(matches_etag(" * ", "\"a\""));
  EXPECT_FALSE(matches_etag("a", "\"a\""));
  EXPECT_FALSE(matches_etag("\"a-gzip\"", "\"a\""));
  EXPECT_FALSE(matches_etag("", "\"a\""));
}

TEST(Negotiate, opens_to_the_origins_of_the_list_and_to_all_without_one) {
  EXPECT_EQ(allowed_origin({}, "https://x.example"), "*");
  EXPECT_EQ(allowed_origin({"*"}, ""), "*");
  EXPECT_EQ(allowed_origin({"https://usa.gov"}, "https://usa.gov"), "https://usa.gov");
  EXPECT_EQ(allowed_origin({"https://usa.gov"}, "https://usa.gov.evil.example"), std::nullopt);
  EXPECT_EQ(allowed_origin({"https://usa.gov"}, "null"), std::nullopt);
  EXPECT_EQ(allowed_origin({"https://usa.gov"}, ""), std::nullopt);
}

}  // namespace
}  // namespace pollux::console
