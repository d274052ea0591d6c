// SPDX-License-Identifier: Apache-2.0
#include "egress/policy/port_set.hpp"

#include <gtest/gtest.h>

namespace pollux::egress {
namespace {

TEST(PortSet, holds_ports_and_ranges) {
  auto set = PortSet::parse("8000-8100,443,80").value();
  for (std::uint16_t port : {80, 443, 8000, 8050, 8100}) EXPECT_TRUE(set.contains(port)) << port;
  for (std::uint16_t port : {1, 79, 81, 442, 444, 7999, 8101, 65535})
    EXPECT_FALSE(set.contains(port)) << port;
  EXPECT_EQ(set.text(), "80,443,8000-8100");
}

TEST(PortSet, the_same_ports_are_the_same_set) {
  EXPECT_EQ(PortSet::parse("443,80"), PortSet::of_the_web());
  EXPECT_EQ(PortSet::parse("1-10,5-20,21,22-30").value().text(), "1-30");
  EXPECT_EQ(PortSet::parse("5-20,1-100,7").value().text(), "1-100");
  EXPECT_EQ(PortSet::parse("80,80").value().text(), "80");
  EXPECT_EQ(PortSet::parse("1-65535"), PortSet::all());
  EXPECT_EQ(PortSet::parse("65535,1-65534").value(), PortSet::all());
}

TEST(PortSet, all_of_them_are_65535_and_none_is_0) {
  EXPECT_TRUE(PortSet::all().contains(1));
  EXPECT_TRUE(PortSet::all().contains(65535));
  EXPECT_FALSE(PortSet::all().contains(0));
  EXPECT_FALSE(PortSet().contains(443));
}

TEST(PortSet, takes_no_other_form) {
  for (const char* text :
       {"",      ",",    "80,",  ",80",       "80,,443", "0",       "00",         "080",
        "65536", "-",    "80-",  "-80",       "443-80",  "80 ",     " 80",        "80, 443",
        "+80",   "0x50", "http", "80-90-100", "*",       "1-65536", "99999999999"})
    EXPECT_FALSE(PortSet::parse(text)) << text;
}

}  // namespace
}  // namespace pollux::egress
