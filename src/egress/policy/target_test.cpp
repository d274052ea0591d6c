// SPDX-License-Identifier: Apache-2.0
#include "egress/policy/target.hpp"

#include <gtest/gtest.h>

#include <set>

#include "egress/policy/host_name.hpp"

namespace pollux::egress {
namespace {

TEST(Target, connect_names_a_host_and_a_port) {
  auto target = parse_authority("API.Example.GOV:443");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->host, "api.example.gov");
  EXPECT_EQ(target->port, 443);
  EXPECT_FALSE(target->is_address());
  EXPECT_EQ(target->authority(), "api.example.gov:443");
}

TEST(Target, an_address_has_one_text) {
  auto v6 = parse_authority("[2001:0DB8:0:0:0:0:0:1]:8443");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "2001:db8::1");
  EXPECT_EQ(v6->authority(), "[2001:db8::1]:8443");
  EXPECT_EQ(v6->address, IpAddress::parse("2001:db8::1"));
  auto v4 = parse_authority("192.0.2.1:80");
  ASSERT_TRUE(v4);
  EXPECT_TRUE(v4->is_address());
  EXPECT_EQ(v4->authority(), "192.0.2.1:80");
}

// Names that are in use, and look a little odd.
TEST(Target, takes_the_names_that_there_are) {
  const std::string longest = std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') +
                              "." + std::string(61, 'd');
  ASSERT_EQ(longest.size(), 253U);
  for (const std::string& host :
       {std::string("localhost"), std::string("a"), std::string("example.com"), std::string("1.example.com"),
        std::string("0x7f.example.com"), std::string("127.0.0.1.example.com"), std::string("3com.com"),
        std::string("my_bucket.s3.amazonaws.com"), std::string("_dmarc.example.com"),
        std::string("r3---sn-4g5e6nsz.googlevideo.com"), std::string("xn--bcher-kva.example"),
        std::string("xn--80ak6aa92e.com"), std::string("xn--e1afmkfd.xn--p1ai"), std::string("xn--fa-hia.de"),
        std::string("a.b.c.d.e.f.g.h.i.j.k"), std::string("proxy.apps.internal"), longest}) {
    auto target = parse_authority(host + ":443");
    ASSERT_TRUE(target) << host << ": " << name(target.error());
    EXPECT_EQ(target->host, host);
    EXPECT_EQ(parse_authority(target->authority()), target);
  }
}

TEST(Target, ports_go_from_1_to_65535) {
  EXPECT_EQ(parse_authority("example.com:1")->port, 1);
  EXPECT_EQ(parse_authority("example.com:65535")->port, 65535);
}

TEST(Target, http_is_asked_for_by_its_whole_address) {
  auto parsed = parse_http_url("HTTP://Example.com/a%20b?c=d&e=[f]|\"g\"");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->target, (Target{"example.com", 80, std::nullopt}));
  EXPECT_EQ(parsed->origin_form, "/a%20b?c=d&e=[f]|\"g\"");
  EXPECT_EQ(parse_http_url("http://example.com:8080")->target.port, 8080);
  EXPECT_EQ(parse_http_url("http://example.com")->origin_form, "/");
  EXPECT_EQ(parse_http_url("http://example.com?x=http://a@b/")->origin_form, "/?x=http://a@b/");
  EXPECT_EQ(parse_http_url("http://[2001:db8::1]/")->target.authority(), "[2001:db8::1]:80");
  EXPECT_EQ(parse_http_url("http://192.0.2.1:81/")->target.authority(), "192.0.2.1:81");
}

TEST(TargetFault, each_has_a_word_and_a_rule_of_its_own) {
  std::set<std::string_view> names;
  std::set<std::string_view> rules;
  for (int i = 0; i <= static_cast<int>(TargetFault::kPunycode); ++i) {
    names.insert(name(static_cast<TargetFault>(i)));
    rules.insert(rule_of(static_cast<TargetFault>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(TargetFault::kPunycode) + 1);
  EXPECT_EQ(rules.size(), names.size());
  EXPECT_EQ(name(TargetFault::kPunycode), "punycode");
  EXPECT_EQ(name(TargetFault::kTrailingDot), "trailing-dot");
  EXPECT_EQ(name(TargetFault::kBadPort), "bad-port");
}

TEST(HostName, advice_is_the_a_label) {
  EXPECT_EQ(ascii_form("b\xc3\xbc"
                       "cher.example"),
            "xn--bcher-kva.example");
  EXPECT_EQ(ascii_form("FA\xc3\x9f.de"), "xn--fa-hia.de");
  EXPECT_EQ(ascii_form("i\xe2\x9d\xa4.ws"), std::nullopt);
  EXPECT_EQ(ascii_form("\xff.ws"), std::nullopt);
}

}  // namespace
}  // namespace pollux::egress
