// SPDX-License-Identifier: Apache-2.0
#include "egress/policy/server_name.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "egress/policy/acl_text.hpp"

namespace pollux::egress {
namespace {

using testing::HasSubstr;
using testing::Not;

Client client(SniCheck sni, Mode mode = Mode::kEnforce, std::string_view deny = "") {
  Client out;
  out.name = "app";
  out.mode = mode;
  out.sni = sni;
  out.deny = RuleSet::deny(parse_acl_file(deny, "deny.acl").rules);
  return out;
}

SeenHello hello(std::optional<std::string> server_name, bool encrypted = false) {
  return ClientHello{std::move(server_name), encrypted};
}

std::optional<Decision> judge(const Client& who, std::string_view target, const SeenHello& seen) {
  return judge_hello(who, parse_authority(target).value(), seen, Decision{});
}

// "" when nothing is against it.
std::string fault(const Client& who, std::string_view target, const SeenHello& seen) {
  const auto against = judge(who, target, seen);
  return against ? std::string(name(against->sni.value())) : "";
}

TEST(ServerName, of_a_name_is_the_name_in_any_case_and_nothing_else) {
  const Client who = client(SniCheck::kMatch);
  EXPECT_EQ(fault(who, "api.example.gov:443", hello("api.example.gov")), "");
  EXPECT_EQ(fault(who, "API.example.gov:443", hello("Api.Example.GOV")), "");
  for (const char* other : {"other.example.gov", "example.gov", "x.api.example.gov", "api.example.gov.",
                            "api.example.gov:443", " api.example.gov", "192.0.2.1", "*.example.gov", ""})
    EXPECT_EQ(fault(who, "api.example.gov:443", hello(other)), "other_name") << other;
  EXPECT_EQ(fault(who, "api.example.gov:443", hello(std::string("api.example.gov\0", 16))), "other_name");
  EXPECT_EQ(fault(who, "api.example.gov:443", hello(std::nullopt)), "no_name");
}

TEST(ServerName, of_an_address_is_none_or_the_address) {
  const Client who = client(SniCheck::kMatch);
  EXPECT_EQ(fault(who, "1.1.1.1:443", hello(std::nullopt)), "");
  EXPECT_EQ(fault(who, "1.1.1.1:443", hello("1.1.1.1")), "");
  EXPECT_EQ(fault(who, "[2606:4700::1111]:443", hello("2606:4700:0::1111")), "");
  EXPECT_EQ(fault(who, "1.1.1.1:443", hello("1.1.1.2")), "other_name");
  EXPECT_EQ(fault(who, "1.1.1.1:443", hello("one.example")), "other_name") << "fronting by address";
}

TEST(ServerName, must_be_readable) {
  const Client who = client(SniCheck::kMatch);
  for (SniFault seen : {SniFault::kNotTls, SniFault::kMalformed, SniFault::kTooLong, SniFault::kNoHello}) {
    EXPECT_EQ(fault(who, "a.example:443", std::unexpected(seen)), name(seen));
    EXPECT_EQ(fault(who, "1.1.1.1:443", std::unexpected(seen)), name(seen)) << "an address speaks TLS too";
  }
}

TEST(ServerName, may_be_hidden_unless_that_is_not_taken) {
  EXPECT_EQ(fault(client(SniCheck::kMatch), "a.example:443", hello("a.example", true)), "");
  EXPECT_EQ(fault(client(SniCheck::kMatch), "a.example:443", hello("front.example", true)), "other_name");
  EXPECT_EQ(fault(client(SniCheck::kStrict), "a.example:443", hello("a.example", true)), "encrypted");
  EXPECT_EQ(fault(client(SniCheck::kStrict), "a.example:443", hello("a.example")), "");
  EXPECT_EQ(fault(client(SniCheck::kStrict), "1.1.1.1:443", hello(std::nullopt, true)), "encrypted");
}

TEST(ServerName, is_looked_at_where_the_client_has_it_so) {
  EXPECT_EQ(fault(client(SniCheck::kAny), "a.example:443", hello("b.example")), "");
  Client who = client(SniCheck::kMatch);
  EXPECT_EQ(fault(who, "a.example:8443", hello("b.example")), "");
  who.sni_ports = PortSet::parse("8443").value();
  EXPECT_EQ(fault(who, "a.example:8443", hello("b.example")), "other_name");
  EXPECT_FALSE(checks_hello(who, parse_authority("a.example:443").value()));
  EXPECT_EQ(Client{}.sni, SniCheck::kAny);
}

TEST(ServerName, makes_a_decision_that_says_so) {
  const auto against = judge(client(SniCheck::kMatch), "a.example:443", hello("b.example"));
  ASSERT_TRUE(against);
  EXPECT_EQ(against->verdict, Verdict::kDeny);
  EXPECT_EQ(name(against->reason), "sni");
  EXPECT_EQ(against->client, "app");
  EXPECT_EQ(against->server_name, "b.example");
  EXPECT_THAT(against->text(), HasSubstr("another host"));
}

TEST(ServerName, is_reported_only_unless_a_rule_denies_that_name) {
  const Client who = client(SniCheck::kMatch, Mode::kReport, "*.evil.example\n");
  EXPECT_EQ(judge(who, "a.example:443", hello("b.example"))->verdict, Verdict::kWouldDeny);
  EXPECT_EQ(judge(who, "a.example:443", std::unexpected(SniFault::kNotTls))->verdict, Verdict::kWouldDeny);
  const auto denied = judge(who, "a.example:443", hello("x.EVIL.example"));
  EXPECT_EQ(denied->verdict, Verdict::kDeny);
  EXPECT_EQ(denied->rule, "*.evil.example");
  EXPECT_EQ(denied->place, "deny.acl:1");
}

TEST(ServerName, goes_into_a_log_without_what_could_harm_there) {
  const auto against = judge(client(SniCheck::kMatch), "a.example:443",
                             hello("b\n{\"x\": 1}\x1b[2J\xff\x7f" + std::string(500, 'a')));
  EXPECT_THAT(against->server_name, testing::StartsWith("b?{\"x\":?1}?[2J??aaa"));
  EXPECT_EQ(against->server_name.size(), 256U);
}

}  // namespace
}  // namespace pollux::egress
