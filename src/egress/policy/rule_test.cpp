// SPDX-License-Identifier: Apache-2.0
#include "egress/policy/rule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "egress/policy/rule_set.hpp"

namespace pollux::egress {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(Rule, has_one_form) {
  for (auto [written, form] : std::vector<std::pair<std::string, std::string>>{
           {"API.Example.GOV", "api.example.gov"},
           {"*.Example.gov", "*.example.gov"},
           {"example.gov:443,80", "example.gov:80,443"},
           {"*.example.gov:8000-8100", "*.example.gov:8000-8100"},
           {"*.gov", "*.gov"},
           {"localhost:5432", "localhost:5432"},
           {"192.0.2.7", "192.0.2.7"},
           {"192.0.2.7/32", "192.0.2.7"},
           {"10.0.0.0/8:80,443", "10.0.0.0/8:80,443"},
           {"2001:DB8::7", "2001:db8::7"},
           {"[2001:db8::7]", "2001:db8::7"},
           {"[2001:db8::7]:443", "[2001:db8::7]:443"},
           {"[2001:db8::/32]:443", "[2001:db8::/32]:443"},
           {"2001:db8::/32", "2001:db8::/32"},
           {"0.0.0.0/0", "0.0.0.0/0"},
           {"64:ff9b:1::/96", "64:ff9b:1::/96"},
           {"my_bucket.s3.amazonaws.com", "my_bucket.s3.amazonaws.com"},
           {"xn--bcher-kva.example", "xn--bcher-kva.example"}}) {
    auto rule = parse_rule(written);
    ASSERT_TRUE(rule) << written << ": " << rule.error().message;
    EXPECT_EQ(rule->text(), form);
    EXPECT_EQ(rule->written, written);
    EXPECT_EQ(parse_rule(form)->text(), form);
  }
}

TEST(Rule, an_error_says_what_to_write_instead) {
  for (auto [text, advice] : std::vector<std::pair<std::string, std::string>>{
           {"https://api.example.gov/v2", "write api.example.gov"},
           {"https://api.example.gov:8443/v2", "write api.example.gov:8443"},
           {"api.example.gov/", "write api.example.gov"},
           {"api.example.gov.", "write api.example.gov"},
           {"*.example.gov.:443", "write *.example.gov:443"},
           {".example.gov", "write *.example.gov for what is below it, example.gov for the host itself"},
           {"b\xc3\xbc"
            "cher.example",
            "write xn--bcher-kva.example"},
           {"*.b\xc3\xbc"
            "cher.example:443",
            "write *.xn--bcher-kva.example:443"},
           {"10.1.2.3/8", "write 10.0.0.0/8 for the network or 10.1.2.3"},
           {"10.0.0/8", "write it as 10.0.0.0/8"},
           {"10.0.0.0/33", "from 0 to 32"},
           {"10.0.0.0/8/8", "from 0 to 32"},
           {"2001:db8::/32:443", "write"},
           {"::ffff:192.0.2.7", "write 192.0.2.7"},
           {"::ffff:10.0.0.0/104", "write 10.0.0.0/8"},
           {"64:ff9b:1::/48", "/96"},
           {"*", "*.example.gov"},
           {"all", "*.example.gov"},
           {"*:443", "*.example.gov"},
           {"*.", "*.example.gov"},
           {"*example.gov", "*.example.gov"},
           {"api.*.gov", "*.example.gov"},
           {"*.*.gov", "*.example.gov"},
           {"*.com*", "*.example.gov"},
           {"127.1", "four decimal numbers"},
           {"0x7f.1", "four decimal numbers"},
           {"2130706433", "four decimal numbers"},
           {"*.1.2.3.4", "four decimal numbers"},
           {"example.gov:", "443, 80,443 or 8000-8100"},
           {"example.gov:0", "443, 80,443 or 8000-8100"},
           {"example.gov:https", "443, 80,443 or 8000-8100"},
           {":443", "names a host"},
           {"a.example b.example", "one rule"},
           {"a.example\tb.example", "one rule"},
           {"[2001:db8::7", "[2001:db8::7]:443"},
           {"[2001:db8::]/32", "[2001:db8::/32]:443"},
           {"2001:db8::7:x", "[2001:db8::7]:443"},
           {"[192.0.2.7]:443", "IPv6 only"},
           {"[example.gov]:443", "brackets"},
           {"xn--a.example", "A-label"},
           {"exa$mple.gov", "letters, digits"},
           {"", "names a host"}}) {
    auto rule = parse_rule(text);
    ASSERT_FALSE(rule) << text << " was read as " << rule->text();
    EXPECT_THAT(rule.error().message, HasSubstr(advice)) << text;
  }
}

TEST(Rule, an_error_shows_no_password_and_no_control_character) {
  auto secret = parse_rule("https://user:hunter2@api.example.gov/").error().message;
  EXPECT_THAT(secret,
              AllOf(HasSubstr("write api.example.gov"), Not(HasSubstr("hunter2")), Not(HasSubstr("user:"))));
  EXPECT_THAT(parse_rule("a\r\nfake: line").error().message, Not(HasSubstr("\n")));
  EXPECT_THAT(parse_rule("1.2.3.4/\n8").error().message, Not(HasSubstr("\n")));
  EXPECT_LT(parse_rule("1.2.3.4/" + std::string(100000, '1')).error().message.size(), 400U);
  EXPECT_LT(parse_rule(std::string(100000, '.')).error().message.size(), 400U);
  EXPECT_LT(parse_rule(std::string(100000, '*')).error().message.size(), 400U);
}

std::vector<Rule> rules(std::initializer_list<const char*> lines) {
  std::vector<Rule> out;
  for (const char* line : lines) out.push_back(parse_rule(line).value());
  return out;
}

std::string found(const Rule* rule) { return rule == nullptr ? "" : rule->written; }

// Today's lists have both `docker.io` and `*.docker.io`: their writers hold that one is not the other.
TEST(RuleSet, a_wildcard_is_what_is_below_and_on_a_deny_list_the_host_too) {
  auto allow = RuleSet::allow(rules({"*.docker.io"}));
  EXPECT_EQ(found(allow.of_name("registry-1.docker.io", 443)), "*.docker.io");
  EXPECT_EQ(found(allow.of_name("a.b.c.docker.io", 443)), "*.docker.io");
  for (const char* host :
       {"docker.io", "evildocker.io", "docker.io.evil.com", "io", "xdocker.io", "docker.iox"})
    EXPECT_EQ(allow.of_name(host, 443), nullptr) << host;
  auto deny = RuleSet::deny(rules({"*.docker.io"}));
  EXPECT_EQ(found(deny.of_name("docker.io", 443)), "*.docker.io");
  EXPECT_EQ(found(deny.of_name("a.docker.io", 443)), "*.docker.io");
  EXPECT_EQ(deny.of_name("evildocker.io", 443), nullptr);
}

TEST(RuleSet, a_host_is_that_host) {
  auto set = RuleSet::allow(rules({"docker.io"}));
  EXPECT_EQ(found(set.of_name("docker.io", 443)), "docker.io");
  for (const char* host : {"a.docker.io", "ocker.io", "docker.io.x", "docker", "io"})
    EXPECT_EQ(set.of_name(host, 443), nullptr) << host;
}

TEST(RuleSet, without_ports_a_rule_allows_the_web_and_denies_everything) {
  auto allow = RuleSet::allow(rules({"a.example", "b.example:22", "10.0.0.0/8"}));
  EXPECT_NE(allow.of_name("a.example", 80), nullptr);
  EXPECT_NE(allow.of_name("a.example", 443), nullptr);
  EXPECT_EQ(allow.of_name("a.example", 22), nullptr);
  EXPECT_NE(allow.of_name("a.example"), nullptr);
  EXPECT_NE(allow.of_name("b.example", 22), nullptr);
  EXPECT_EQ(allow.of_name("b.example", 443), nullptr);
  EXPECT_EQ(allow.of_address(*IpAddress::parse("10.1.1.1"), 22, RuleSet::Meant::kAny), nullptr);
  auto other = RuleSet::allow(rules({"a.example"}), PortSet::parse("61443").value());
  EXPECT_EQ(other.of_name("a.example", 443), nullptr);
  EXPECT_NE(other.of_name("a.example", 61443), nullptr);
  auto deny = RuleSet::deny(rules({"a.example", "b.example:22"}));
  EXPECT_NE(deny.of_name("a.example", 1), nullptr);
  EXPECT_EQ(deny.of_name("b.example", 443), nullptr);
}

TEST(RuleSet, the_first_rule_that_matches_is_named) {
  auto set =
      RuleSet::allow(rules({"*.example", "a.example:443", "*.a.example", "10.0.0.0/8", "10.1.0.0/16:22"}));
  EXPECT_EQ(found(set.of_name("a.example", 443)), "*.example");
  EXPECT_EQ(found(set.of_name("b.a.example", 443)), "*.example");
  EXPECT_EQ(found(set.of_address(*IpAddress::parse("10.1.1.1"), 443, RuleSet::Meant::kOnly)), "10.0.0.0/8");
  EXPECT_EQ(found(set.of_address(*IpAddress::parse("10.1.1.1"), 22, RuleSet::Meant::kOnly)),
            "10.1.0.0/16:22");
}

}  // namespace
}  // namespace pollux::egress
