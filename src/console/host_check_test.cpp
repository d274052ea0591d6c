// SPDX-License-Identifier: Apache-2.0
#include "console/host_check.hpp"

#include <gtest/gtest.h>

namespace pollux::console {
namespace {

TEST(HostCheck, knows_its_own_names_with_any_port) {
  for (const char* own : {"localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8080"}) {
    EXPECT_TRUE(is_own_host(own, "127.0.0.1")) << own;
  }
  EXPECT_TRUE(is_own_host("Pollux.internal:80", "pollux.internal"));
  EXPECT_TRUE(is_own_host("[fd00::7]:80", "fd00::7"));
}

TEST(HostCheck, refuses_the_name_of_a_foreign_site) {
  for (const char* foreign :
       {"", "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example",
        "10.0.0.1", "localhost:x", "localhost:", "[::1", "[::1]x", "127.0.0.1@evil.example"}) {
    EXPECT_FALSE(is_own_host(foreign, "127.0.0.1")) << foreign;
  }
}

TEST(HostCheck, a_server_on_all_addresses_answers_to_addresses_but_not_to_names) {
  EXPECT_TRUE(is_own_host("10.1.2.3:8080", "0.0.0.0"));
  EXPECT_TRUE(is_own_host("[fd00::1]:8080", "::"));
  EXPECT_FALSE(is_own_host("evil.example", "0.0.0.0"));
  EXPECT_FALSE(is_own_host("cafe.de", "::"));
}

}  // namespace
}  // namespace pollux::console
