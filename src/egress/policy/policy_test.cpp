// SPDX-License-Identifier: Apache-2.0
#include "egress/policy/policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "egress/policy/acl_text.hpp"

namespace pollux::egress {
namespace {

using testing::HasSubstr;
using testing::Not;

Client client(std::string_view allow, std::string_view deny = "", Mode mode = Mode::kEnforce) {
  auto allowed = parse_acl_file(allow, "allow.acl");
  auto denied = parse_acl_file(deny, "deny.acl");
  EXPECT_TRUE(allowed.faults.empty() && denied.faults.empty());
  return {"app", RuleSet::allow(allowed.rules), RuleSet::deny(denied.rules), mode};
}

Decision ask(const Client& who, std::string_view target) {
  return judge_target(who, parse_authority(target).value());
}

// The whole way of a name that resolves to this address.
Decision ask(const Client& who, std::string_view target, std::string_view address) {
  const Target parsed = parse_authority(target).value();
  const Decision first = judge_target(who, parsed);
  return first.passes() ? judge_address(who, parsed, IpAddress::parse(address).value(), first) : first;
}

TEST(Policy, what_nobody_allowed_is_denied) {
  const Decision none = ask(Client{"app", {}, {}}, "example.com:443");
  EXPECT_EQ(none.verdict, Verdict::kDeny);
  EXPECT_EQ(none.reason, Reason::kNotAllowed);
  EXPECT_EQ(none.client, "app");
  EXPECT_EQ(none.rule, "");
  EXPECT_EQ(ask(Client{"app", {}, {}}, "8.8.8.8:443").reason, Reason::kNotAllowed);
  EXPECT_FALSE(Decision{}.passes());
  EXPECT_EQ(Client{}.mode, Mode::kEnforce);
}

TEST(Policy, a_decision_names_its_rule_and_where_it_stands) {
  const Client who = client("# ours\napi.example.gov\n*.Example.com:443\n", "evil.example.com\n");
  const Decision allowed = ask(who, "www.example.com:443", "8.8.8.8");
  EXPECT_EQ(allowed.verdict, Verdict::kAllow);
  EXPECT_EQ(allowed.rule, "*.Example.com:443");
  EXPECT_EQ(allowed.place, "allow.acl:3");
  EXPECT_EQ(allowed.address, IpAddress::parse("8.8.8.8"));
  const Decision denied = ask(who, "evil.example.com:443");
  EXPECT_EQ(denied.reason, Reason::kDenyRule);
  EXPECT_EQ(denied.place, "deny.acl:1");
}

TEST(Policy, deny_beats_allow_by_name_and_by_address) {
  const Client who = client("*.example.com\n1.1.1.0/24\n10.0.0.0/8\n",
                            "a.example.com\n1.1.1.1\n10.9.0.0/16\n8.8.4.0/24:443\n");
  EXPECT_EQ(ask(who, "a.example.com:443").reason, Reason::kDenyRule);
  EXPECT_EQ(ask(who, "1.1.1.2:443").verdict, Verdict::kAllow);
  EXPECT_EQ(ask(who, "1.1.1.1:443").reason, Reason::kDenyRule);
  EXPECT_EQ(ask(who, "10.9.1.1:443").reason, Reason::kDenyRule);
  EXPECT_EQ(ask(who, "b.example.com:443", "1.1.1.1").reason, Reason::kDenyRule);
  EXPECT_EQ(ask(who, "b.example.com:443", "8.8.4.4").reason, Reason::kDenyRule);
  EXPECT_EQ(ask(who, "b.example.com:80", "8.8.4.4").verdict, Verdict::kAllow);
}

// What a wide network does not allow it denies all the same.
TEST(Policy, a_wide_network_denies_what_is_special_too) {
  const Client who = client("10.0.0.0/8\n*.example.com\n", "8.0.0.0/6\n");
  EXPECT_EQ(ask(who, "10.1.2.3:443").reason, Reason::kDenyRule);
  EXPECT_EQ(ask(who, "a.example.com:443", "10.1.2.3").reason, Reason::kDenyRule);
  EXPECT_EQ(ask(client("*.example.com\n", "0.0.0.0/0\n"), "a.example.com:443", "1.1.1.1").reason,
            Reason::kDenyRule);
}

TEST(Policy, a_denied_address_is_denied_in_every_disguise) {
  const Client who = client("*.example.com\n64:ff9b::/96\n2002::/16\n", "8.8.8.8\n");
  for (const char* address :
       {"8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", "2600::5efe:8.8.8.8", "::ffff:8.8.8.8"})
    EXPECT_EQ(ask(who, "b.example.com:443", address).reason, Reason::kDenyRule) << address;
  EXPECT_EQ(ask(who, "b.example.com:443", "64:ff9b::8.8.4.4").verdict, Verdict::kAllow);
}

// The weak point of today's proxy: a name on the list that resolves to a private address passed.
TEST(Policy, a_name_does_not_make_a_private_address_good) {
  const Client who = client("db.apps.internal:5432\n*.apps.internal\n");
  EXPECT_EQ(ask(who, "db.apps.internal:5432", "10.0.1.2").reason, Reason::kNotPublic);
  EXPECT_EQ(ask(who, "x.apps.internal:443", "10.0.1.2").is, AddressClass::kPrivate);
}

TEST(Policy, a_rule_for_the_address_makes_it_good_on_its_ports) {
  const Client who = client("db.apps.internal:5432\n*.apps.internal\n10.0.0.0/8:443,5432\n");
  EXPECT_EQ(ask(who, "db.apps.internal:5432", "10.0.1.2").verdict, Verdict::kAllow);
  EXPECT_EQ(ask(who, "db.apps.internal:5432", "10.0.1.2").rule, "db.apps.internal:5432");
  EXPECT_EQ(ask(who, "x.apps.internal:80", "10.0.1.2").reason, Reason::kNotPublic);
  EXPECT_EQ(ask(who, "x.apps.internal:443", "192.168.0.1").reason, Reason::kNotPublic);
  EXPECT_EQ(ask(who, "10.0.1.2:5432").verdict, Verdict::kAllow);
  EXPECT_EQ(ask(who, "10.0.1.2:22").reason, Reason::kNotPublic);
  // A rule for addresses does not allow names: those would have to be looked up first.
  EXPECT_EQ(ask(who, "other.internal:443").reason, Reason::kNotAllowed);
}

TEST(Policy, nat64_is_good_when_it_and_what_it_leads_to_are) {
  const Client who = client("*.example.com\n64:ff9b::/96\n[64:ff9b:1::/96]:443\n");
  EXPECT_EQ(ask(who, "a.example.com:443", "64:ff9b::8.8.8.8").verdict, Verdict::kAllow);
  EXPECT_EQ(ask(who, "a.example.com:443", "64:ff9b::10.0.0.1").is, AddressClass::kPrivate);
  EXPECT_EQ(ask(who, "a.example.com:443", "64:ff9b:1::8.8.8.8").verdict, Verdict::kAllow);
  EXPECT_EQ(ask(who, "a.example.com:443", "64:ff9b:1::127.0.0.1").is, AddressClass::kLoopback);
  EXPECT_EQ(ask(who, "a.example.com:443", "64:ff9b:1:1::8.8.8.8").is, AddressClass::kNat64Local);
  EXPECT_EQ(ask(who, "[64:ff9b::8.8.8.8]:443").verdict, Verdict::kAllow);
  EXPECT_EQ(ask(who, "[64:ff9b::7f00:1]:443").is, AddressClass::kLoopback);
  const Client both = client("64:ff9b::/96\n10.0.0.0/8\n");
  EXPECT_EQ(ask(both, "[64:ff9b::10.0.0.1]:443").verdict, Verdict::kAllow);
}

TEST(Policy, another_port_is_another_no) {
  const Client who = client("example.com:443\n8.8.8.8:53\n");
  EXPECT_EQ(ask(who, "example.com:80").reason, Reason::kPort);
  EXPECT_EQ(ask(who, "8.8.8.8:443").reason, Reason::kPort);
  EXPECT_EQ(ask(who, "example.org:80").reason, Reason::kNotAllowed);
}

TEST(Policy, report_lets_pass_what_a_list_still_lacks) {
  const Client who = client("example.com:443\n", "", Mode::kReport);
  for (const char* target : {"example.org:443", "example.com:80", "8.8.8.8:443"}) {
    const Decision decision = ask(who, target);
    EXPECT_EQ(decision.verdict, Verdict::kWouldDeny) << target;
    EXPECT_TRUE(decision.passes());
  }
  EXPECT_EQ(ask(who, "example.org:443", "8.8.8.8").verdict, Verdict::kWouldDeny);
  EXPECT_EQ(ask(who, "example.org:443", "8.8.8.8").reason, Reason::kNotAllowed);
  EXPECT_EQ(ask(who, "example.com:443", "8.8.8.8").verdict, Verdict::kAllow);
}

TEST(Policy, report_lets_pass_nothing_else) {
  const Client who = client("example.com\n", "evil.com\n8.8.4.4\n", Mode::kReport);
  EXPECT_EQ(ask(who, "evil.com:443").verdict, Verdict::kDeny);
  EXPECT_EQ(ask(who, "8.8.4.4:443").verdict, Verdict::kDeny);
  EXPECT_EQ(ask(who, "example.com:443", "8.8.4.4").verdict, Verdict::kDeny);
  EXPECT_EQ(ask(who, "example.com:443", "10.0.0.1").verdict, Verdict::kDeny);
  EXPECT_EQ(ask(who, "example.org:443", "169.254.169.254").verdict, Verdict::kDeny);
  EXPECT_EQ(ask(who, "169.254.169.254:80").verdict, Verdict::kDeny);
  EXPECT_EQ(judge_malformed(who, TargetFault::kUserinfo).verdict, Verdict::kDeny);
}

TEST(Policy, a_no_to_the_target_is_a_no_to_its_addresses) {
  const Client who = client("8.8.8.0/24\n");
  const Target target = parse_authority("example.com:443").value();
  const Decision of_target = judge_target(who, target);
  const Decision decision = judge_address(who, target, *IpAddress::parse("8.8.8.8"), of_target);
  EXPECT_EQ(decision.verdict, Verdict::kDeny);
  EXPECT_EQ(decision.reason, Reason::kNotAllowed);
  EXPECT_EQ(judge_address(who, target, *IpAddress::parse("10.0.0.1"), of_target).reason, Reason::kNotAllowed);
  const std::vector<IpAddress> addresses = {*IpAddress::parse("8.8.8.8")};
  EXPECT_TRUE(judge_addresses(who, target, addresses, of_target).usable.empty());
}

TEST(Policy, an_address_that_leads_elsewhere_is_judged_as_what_it_leads_to) {
  const Client who = client("8.8.8.8\n");
  const Target target = parse_authority("8.8.8.8:443").value();
  const Decision of_target = judge_target(who, target);
  ASSERT_EQ(of_target.verdict, Verdict::kAllow);
  EXPECT_EQ(judge_address(who, target, *target.address, of_target), of_target);
  EXPECT_EQ(judge_address(who, target, *IpAddress::parse("1.1.1.1"), of_target).verdict, Verdict::kDeny);
}

TEST(Policy, of_no_addresses_the_name_decides) {
  const Client who = client("example.com\n");
  const Target target = parse_authority("example.com:443").value();
  const Resolved resolved = judge_addresses(who, target, {}, judge_target(who, target));
  EXPECT_TRUE(resolved.usable.empty());
  EXPECT_EQ(resolved.decision, judge_target(who, target));
}

TEST(Policy, who_is_denied_hears_why_but_neither_rule_nor_address) {
  const Client who = client("*.example.com\n", "secret-partner.example.com\n");
  const Decision by_rule = ask(who, "secret-partner.example.com:443");
  EXPECT_THAT(by_rule.text(), Not(HasSubstr("partner")));
  const Decision by_address = ask(who, "a.example.com:443", "10.1.2.3");
  EXPECT_THAT(by_address.text(), HasSubstr("RFC 1918"));
  EXPECT_THAT(by_address.text(), Not(HasSubstr("10.1.2.3")));
  EXPECT_THAT(judge_malformed(who, TargetFault::kTrailingDot).text(), HasSubstr("dot at its end"));
  EXPECT_EQ(name(by_rule.verdict), "deny");
  EXPECT_EQ(name(Verdict::kWouldDeny), "would_deny");
  EXPECT_EQ(name(by_address.reason), "not_public");
  EXPECT_EQ(name(Mode::kReport), "report");
}

}  // namespace
}  // namespace pollux::egress
