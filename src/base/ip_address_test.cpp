// SPDX-License-Identifier: Apache-2.0
#include "base/ip_address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pollux {
namespace {

using testing::HasSubstr;

IpAddress address(std::string_view text) { return IpAddress::parse(text).value(); }
Cidr network(std::string_view text) { return Cidr::parse(text).value(); }

TEST(IpAddress, reads_what_it_writes) {
  for (const char* text : {"0.0.0.0", "127.0.0.1", "255.255.255.255", "::", "::1", "2001:db8::1",
                           "::ffff:192.0.2.1", "64:ff9b::192.0.2.1", "fe80::1", "1:2:3:4:5:6:7:8"}) {
    auto parsed = IpAddress::parse(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(IpAddress::parse(parsed->text()), parsed) << text;
  }
  EXPECT_EQ(address("2001:0DB8:0:0:0:0:0:1").text(), "2001:db8::1");
  EXPECT_EQ(address("::ffff:c000:201").text(), "::ffff:192.0.2.1");
  EXPECT_EQ(address("192.0.2.1").bytes().size(), 4U);
  EXPECT_EQ(address("::1").bytes().size(), 16U);
}

TEST(IpAddress, reads_no_other_form) {
  using namespace std::string_view_literals;
  for (auto text : {""sv,
                    "1"sv,
                    "127.1"sv,
                    "127.0.1"sv,
                    "2130706433"sv,
                    "0x7f.0.0.1"sv,
                    "0177.0.0.1"sv,
                    "127.0.0.01"sv,
                    "00.0.0.0"sv,
                    "256.0.0.1"sv,
                    "127.0.0.1."sv,
                    " 127.0.0.1"sv,
                    "127.0.0.1 "sv,
                    "127.0.0.1\0.example"sv,
                    "127.0.0.1\0"sv,
                    "+1.2.3.4"sv,
                    "-1.2.3.4"sv,
                    "1.2.3.4.5"sv,
                    "fe80::1%eth0"sv,
                    "fe80::1%1"sv,
                    "[::1]"sv,
                    "::1\0"sv,
                    "1:2:3"sv,
                    ":::1"sv,
                    "::12345"sv,
                    "::1.2.3"sv,
                    "1::2::3"sv,
                    "::ffff:1.2.3.4.5"sv,
                    "::ffff:0x7f.1"sv,
                    "0000000000000000000000000000000000000000000000000000001.2.3.4"sv}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
}

TEST(Cidr, holds_its_own_family_only) {
  EXPECT_TRUE(network("10.0.0.0/8").contains(address("10.255.1.2")));
  EXPECT_FALSE(network("10.0.0.0/8").contains(address("11.0.0.0")));
  EXPECT_FALSE(network("10.0.0.0/8").contains(address("::ffff:10.0.0.1")));
  EXPECT_TRUE(Cidr::around(address("10.0.0.0").mapped(), 104).contains(address("::ffff:10.0.0.1")));
  EXPECT_FALSE(network("::/0").contains(address("10.0.0.1")));
  EXPECT_FALSE(network("0.0.0.0/0").contains(address("::")));
  EXPECT_TRUE(network("0.0.0.0/0").contains(address("203.0.113.9")));
  EXPECT_TRUE(network("2001:db8::/33").contains(address("2001:db8:7fff::1")));
  EXPECT_FALSE(network("2001:db8::/33").contains(address("2001:db8:8000::")));
  EXPECT_TRUE(network("192.0.2.1/32").contains(address("192.0.2.1")));
  EXPECT_FALSE(network("192.0.2.1/32").contains(address("192.0.2.0")));
}

TEST(Cidr, holds_the_networks_within_it) {
  EXPECT_TRUE(network("10.0.0.0/8").contains(network("10.1.0.0/16")));
  EXPECT_TRUE(network("10.0.0.0/8").contains(network("10.0.0.0/8")));
  EXPECT_FALSE(network("10.0.0.0/8").contains(network("10.0.0.0/7")));
  EXPECT_FALSE(network("10.0.0.0/8").contains(network("11.0.0.0/16")));
}

TEST(Cidr, an_error_says_what_to_write) {
  auto why = [](std::string_view text) { return Cidr::parse(text).error().message; };
  EXPECT_THAT(why("10.1.2.3/8"), HasSubstr("write 10.0.0.0/8 for the network or 10.1.2.3 for the address"));
  EXPECT_THAT(why("2001:db8::1/32"), HasSubstr("write 2001:db8::/32"));
  EXPECT_THAT(why("10.0.0.0/33"), HasSubstr("from 0 to 32"));
  EXPECT_THAT(why("::/129"), HasSubstr("from 0 to 128"));
  for (const char* text : {"10.0.0.0/", "10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8 ",
                           "10.0.0.0/255.0.0.0", "10.0.0.0/99999999999"})
    EXPECT_THAT(why(text), HasSubstr("prefix length")) << text;
  for (const char* text : {"", "/8", "10/8", "10.0.0.0", "x/8", "[::]/0"})
    EXPECT_THAT(why(text), HasSubstr("10.0.0.0/8")) << text;
}

}  // namespace
}  // namespace pollux
