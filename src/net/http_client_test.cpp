// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.hpp"

#include <gtest/gtest.h>

namespace pollux::net {
namespace {

TEST(HostOf, leaves_out_user_path_and_query) {
  EXPECT_EQ(host_of("https://user:pass@api.example.gov:8443/a?b=c"), "api.example.gov:8443");
  EXPECT_EQ(host_of("http://api.example.gov?x=@y"), "api.example.gov");
}

TEST(OriginOf, is_scheme_host_and_port_whatever_their_case_and_whether_the_port_is_said) {
  for (const char* same :
       {"https://api.example.gov", "HTTPS://API.example.GOV/v1?a=http://b", "https://api.example.gov:443/",
        "https://api.example.gov:?q", "https://user:pass@api.example.gov#x"})
    EXPECT_EQ(origin_of(same), "https://api.example.gov:443") << same;
  EXPECT_EQ(origin_of("http://api.example.gov"), "http://api.example.gov:80");
  EXPECT_EQ(origin_of("http://[::1]/"), "http://[::1]:80");
  EXPECT_EQ(origin_of("https://[::1]:8443/"), "https://[::1]:8443");
}

TEST(OriginOf, tells_apart_what_must_not_see_each_others_credentials) {
  const std::string own = origin_of("https://api.example.gov/v1");
  for (const char* other :
       {"http://api.example.gov/v1", "https://api.example.gov:80/", "https://api.example.gov:8443/",
        "https://evil.test/https://api.example.gov/", "https://api.example.gov@evil.test/",
        "https://api.example.gov:443@evil.test/", "https://api.example.gov.evil.test/",
        "https://evil.test?@api.example.gov/", "http://api.example.gov:443/"})
    EXPECT_NE(origin_of(other), own) << other;
  // The last group of an address is no port.
  EXPECT_NE(origin_of("http://[fe80::80]/"), origin_of("http://[fe80:]/"));
}

}  // namespace
}  // namespace pollux::net
