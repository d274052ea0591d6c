// SPDX-License-Identifier: Apache-2.0
#include "egress/policy/address_class.hpp"

#include <gtest/gtest.h>

#include <set>

namespace pollux::egress {
namespace {

using enum AddressClass;

IpAddress address(std::string_view text) { return IpAddress::parse(text).value(); }
Cidr network(std::string_view text) { return Cidr::parse(text).value(); }

struct Row {
  const char* first;
  const char* last;
  AddressClass what;
};

// IANA's registries, and beside each block the addresses just before and behind it.
TEST(AddressClass, follows_the_registries_to_the_last_address) {
  for (const Row& row : std::vector<Row>{{"0.0.0.0", "0.0.0.0", kUnspecified},
                                         {"0.0.0.1", "0.255.255.255", kThisNetwork},
                                         {"1.0.0.0", "9.255.255.255", kPublic},
                                         {"10.0.0.0", "10.255.255.255", kPrivate},
                                         {"11.0.0.0", "100.63.255.255", kPublic},
                                         {"100.64.0.0", "100.127.255.255", kCarrierGradeNat},
                                         {"100.128.0.0", "126.255.255.255", kPublic},
                                         {"127.0.0.0", "127.255.255.255", kLoopback},
                                         {"128.0.0.0", "168.63.129.15", kPublic},
                                         {"168.63.129.16", "168.63.129.16", kPlatform},
                                         {"168.63.129.17", "169.253.255.255", kPublic},
                                         {"169.254.0.0", "169.254.255.255", kLinkLocal},
                                         {"169.255.0.0", "172.15.255.255", kPublic},
                                         {"172.16.0.0", "172.31.255.255", kPrivate},
                                         {"172.32.0.0", "191.255.255.255", kPublic},
                                         {"192.0.0.0", "192.0.0.255", kProtocol},
                                         {"192.0.1.0", "192.0.1.255", kPublic},
                                         {"192.0.2.0", "192.0.2.255", kDocumentation},
                                         {"192.0.3.0", "192.88.98.255", kPublic},
                                         {"192.88.99.0", "192.88.99.255", kSixToFourRelay},
                                         {"192.88.100.0", "192.167.255.255", kPublic},
                                         {"192.168.0.0", "192.168.255.255", kPrivate},
                                         {"192.169.0.0", "198.17.255.255", kPublic},
                                         {"198.18.0.0", "198.19.255.255", kBenchmark},
                                         {"198.20.0.0", "198.51.99.255", kPublic},
                                         {"198.51.100.0", "198.51.100.255", kDocumentation},
                                         {"198.51.101.0", "203.0.112.255", kPublic},
                                         {"203.0.113.0", "203.0.113.255", kDocumentation},
                                         {"203.0.114.0", "223.255.255.255", kPublic},
                                         {"224.0.0.0", "239.255.255.255", kMulticast},
                                         {"240.0.0.0", "255.255.255.254", kReserved},
                                         {"255.255.255.255", "255.255.255.255", kBroadcast}}) {
    EXPECT_EQ(name(class_of(address(row.first))), name(row.what)) << row.first;
    EXPECT_EQ(name(class_of(address(row.last))), name(row.what)) << row.last;
  }
}

TEST(AddressClass, follows_the_registries_of_ipv6_too) {
  auto to_end = [&](std::string front, int groups) {
    for (int i = groups; i < 8; ++i) front += ":ffff";
    return front;
  };
  struct Block {
    std::string first, last;
    AddressClass what;
  };
  for (const Block& row : std::vector<Block>{{"::", "::", kUnspecified},
                                             {"::1", "::1", kLoopback},
                                             {"::2", "::ffff:ffff", kCompatible},
                                             {"::1:0:0", "::fffe:ffff:ffff", kReserved},
                                             {"::ffff:0:0", "::ffff:ffff:ffff", kMapped},
                                             {"::ffff:0:0:0", "::ffff:0:ffff:ffff", kTranslated},
                                             {"64:ff9b::", "64:ff9b::ffff:ffff", kNat64},
                                             {"64:ff9b::1:0:0", to_end("64:ff9b:0", 3), kReserved},
                                             {"64:ff9b:1::", to_end("64:ff9b:1", 3), kNat64Local},
                                             {"64:ff9b:2::", to_end("ff", 1), kReserved},
                                             {"100::", to_end("100:0:0:0", 4), kDiscard},
                                             {"100:0:0:1::", to_end("100:0:0:1", 4), kDiscard},
                                             {"100:0:0:2::", to_end("1fff", 1), kReserved},
                                             {"2000::", to_end("2000", 1), kPublic},
                                             {"2001::", to_end("2001:0", 2), kTeredo},
                                             {"2001:1::", to_end("2001:1", 2), kProtocol},
                                             {"2001:2::", to_end("2001:2:0", 3), kBenchmark},
                                             {"2001:2:1::", to_end("2001:f", 2), kProtocol},
                                             {"2001:10::", to_end("2001:1f", 2), kOrchid},
                                             {"2001:20::", to_end("2001:2f", 2), kOrchid},
                                             {"2001:30::", to_end("2001:1ff", 2), kProtocol},
                                             {"2001:200::", to_end("2001:db7", 2), kPublic},
                                             {"2001:db8::", to_end("2001:db8", 2), kDocumentation},
                                             {"2001:db9::", to_end("2001", 1), kPublic},
                                             {"2002::", to_end("2002", 1), kSixToFour},
                                             {"2003::", to_end("3ffe", 1), kPublic},
                                             {"3fff::", to_end("3fff:fff", 2), kDocumentation},
                                             {"3fff:1000::", to_end("3fff", 1), kPublic},
                                             {"4000::", to_end("5eff", 1), kReserved},
                                             {"5f00::", to_end("5f00", 1), kSegmentRouting},
                                             {"5f01::", to_end("fbff", 1), kReserved},
                                             {"fc00::", to_end("fdff", 1), kUniqueLocal},
                                             {"fe00::", to_end("fe7f", 1), kReserved},
                                             {"fe80::", to_end("febf", 1), kLinkLocal},
                                             {"fec0::", to_end("feff", 1), kSiteLocal},
                                             {"ff00::", to_end("ffff", 1), kMulticast}}) {
    EXPECT_EQ(name(class_of(address(row.first))), name(row.what)) << row.first;
    EXPECT_EQ(name(class_of(address(row.last))), name(row.what)) << row.last;
  }
}

TEST(AddressClass, finds_every_ipv4_address_that_one_of_ipv6_carries) {
  struct Carrier {
    const char* address;
    std::vector<IpAddress> carried;
  };
  const IpAddress inner = address("10.1.2.3");
  for (const Carrier& row : std::vector<Carrier>{
           {"10.1.2.3", {}},
           {"2600::1", {}},
           {"::ffff:10.1.2.3", {inner}},
           {"::10.1.2.3", {inner}},
           {"::ffff:0:10.1.2.3", {inner}},
           {"64:ff9b::10.1.2.3", {inner}},
           {"64:ff9b:1::10.1.2.3", {inner}},
           {"2002:a01:203::1", {inner}},
           // RFC 4380, 4: server 10.1.2.3, client 192.0.2.45.
           {"2001:0:a01:203:8000:63bf:3fff:fdd2", {inner, address("192.0.2.45")}},
           {"2600::5efe:10.1.2.3", {inner}},
           {"2600:1:2:3:200:5efe:10.1.2.3", {inner}},
           {"fe80::5efe:10.1.2.3", {inner}},
           {"2002:808:808::5efe:10.1.2.3", {address("8.8.8.8"), inner}},
           {"2600::100:5efe:10.1.2.3", {}},
       }) {
    EXPECT_EQ(carried_by(address(row.address)), row.carried) << row.address;
  }
}

TEST(AddressClass, a_network_speaks_of_what_is_special_only_from_within_its_block) {
  EXPECT_TRUE(speaks_of(network("10.0.0.0/8"), address("10.1.2.3")));
  EXPECT_TRUE(speaks_of(network("10.1.2.3/32"), address("10.1.2.3")));
  EXPECT_FALSE(speaks_of(network("10.0.0.0/7"), address("10.1.2.3")));
  EXPECT_FALSE(speaks_of(network("0.0.0.0/0"), address("10.1.2.3")));
  EXPECT_TRUE(speaks_of(network("0.0.0.0/0"), address("8.8.8.8")));
  EXPECT_FALSE(speaks_of(network("10.0.0.0/8"), address("11.0.0.1")));
  EXPECT_FALSE(speaks_of(network("::/0"), address("::1")));
  EXPECT_FALSE(speaks_of(network("::/3"), address("::1")));
  EXPECT_TRUE(speaks_of(network("fd00::/8"), address("fd00::1")));
  EXPECT_TRUE(speaks_of(network("2000::/3"), address("2600::1")));
  EXPECT_FALSE(speaks_of(network("2000::/3"), address("2001:db8::1")));
  EXPECT_TRUE(speaks_of(network("64:ff9b::/96"), address("64:ff9b::8.8.8.8")));
  EXPECT_TRUE(speaks_of(network("64:ff9b:1::/96"), address("64:ff9b:1::8.8.8.8")));
  EXPECT_FALSE(speaks_of(network("64:ff9b:1::/48"), address("64:ff9b:1::8.8.8.8")));
  EXPECT_FALSE(speaks_of(network("240.0.0.0/4"), address("255.255.255.255")));
}

TEST(AddressClass, each_has_a_word_of_its_own_and_a_meaning) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(kReserved); ++i) {
    names.insert(name(static_cast<AddressClass>(i)));
    EXPECT_TRUE(meaning(static_cast<AddressClass>(i)).starts_with("is ") ||
                meaning(static_cast<AddressClass>(i)).starts_with("leads "));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kReserved) + 1);
  EXPECT_EQ(name(kPublic), "public");
  EXPECT_EQ(name(kTeredo), "teredo");
  EXPECT_EQ(name(kPlatform), "platform");
  EXPECT_EQ(name(kReserved), "reserved");
}

}  // namespace
}  // namespace pollux::egress
