// SPDX-License-Identifier: Apache-2.0
// What names may resolve to when who answers for them means ill, and addresses that are asked for as they
// are. The client may reach every name and, as far as its list says it in one breath, every address:
// 0.0.0.0/0 and ::/0.
#include <gtest/gtest.h>

#include "egress/policy/policy.hpp"

namespace pollux::egress {
namespace {

std::vector<Rule> rules(std::initializer_list<const char*> lines) {
  std::vector<Rule> out;
  for (const char* line : lines) out.push_back(parse_rule(line).value());
  return out;
}

Client trusting(Mode mode) {
  return {"app", RuleSet::allow(rules({"rebind.example", "*.rebind.example", "0.0.0.0/0", "::/0"})),
          RuleSet(), mode};
}

struct Hostile {
  const char* address;
  AddressClass is;
};

using enum AddressClass;

const std::vector<Hostile> kNotPublic = {
    {"0.0.0.0", kUnspecified},
    {"0.1.2.3", kThisNetwork},
    {"10.0.0.1", kPrivate},
    {"10.255.255.255", kPrivate},
    {"100.64.0.1", kCarrierGradeNat},
    {"100.100.100.200", kCarrierGradeNat},  // where Alibaba's cloud tells a machine its credentials
    {"100.127.255.255", kCarrierGradeNat},
    {"127.0.0.1", kLoopback},
    {"127.0.0.53", kLoopback},
    {"127.255.255.254", kLoopback},
    {"168.63.129.16", kPlatform},
    {"169.254.169.254", kLinkLocal},  // the same of AWS, Azure, Google and others
    {"169.254.170.2", kLinkLocal},    // of AWS's containers
    {"169.254.0.1", kLinkLocal},
    {"172.16.0.1", kPrivate},
    {"172.17.0.1", kPrivate},
    {"172.31.255.255", kPrivate},
    {"192.0.0.1", kProtocol},
    {"192.0.0.9", kProtocol},
    {"192.0.0.192", kProtocol},  // of Oracle's cloud
    {"192.0.2.1", kDocumentation},
    {"192.88.99.1", kSixToFourRelay},
    {"192.168.0.1", kPrivate},
    {"192.168.255.255", kPrivate},
    {"198.18.0.1", kBenchmark},
    {"198.19.255.255", kBenchmark},
    {"198.51.100.1", kDocumentation},
    {"203.0.113.1", kDocumentation},
    {"224.0.0.1", kMulticast},
    {"239.255.255.250", kMulticast},
    {"240.0.0.1", kReserved},
    {"255.255.255.255", kBroadcast},
    {"::", kUnspecified},
    {"::1", kLoopback},
    {"::2", kCompatible},
    {"::127.0.0.1", kCompatible},
    {"::8.8.8.8", kCompatible},
    {"::ffff:127.0.0.1", kMapped},
    {"::ffff:10.0.0.1", kMapped},
    {"::ffff:169.254.169.254", kMapped},
    {"::ffff:8.8.8.8", kMapped},
    {"::ffff:0:127.0.0.1", kTranslated},
    {"::ffff:0:8.8.8.8", kTranslated},
    {"64:ff9b::127.0.0.1", kNat64},
    {"64:ff9b::169.254.169.254", kNat64},
    {"64:ff9b::8.8.8.8", kNat64},
    {"64:ff9b:1::10.0.0.1", kNat64Local},
    {"64:ff9b:1:fffe::8.8.8.8", kNat64Local},
    {"100::1", kDiscard},
    {"100:0:0:1::1", kDiscard},
    {"2001::1", kTeredo},
    {"2001:0:7f00:1::1", kTeredo},
    {"2001:0:808:808:8000:63bf:80ff:fffe", kTeredo},
    {"2001:1::1", kProtocol},
    {"2001:2::1", kBenchmark},
    {"2001:3::1", kProtocol},
    {"2001:4:112::1", kProtocol},
    {"2001:10::1", kOrchid},
    {"2001:20::1", kOrchid},
    {"2001:30::1", kProtocol},
    {"2001:db8::1", kDocumentation},
    {"2002:7f00:1::1", kSixToFour},
    {"2002:a9fe:a9fe::1", kSixToFour},
    {"2002:808:808::1", kSixToFour},
    {"3fff::1", kDocumentation},
    {"3fff:fff::1", kDocumentation},
    {"4000::1", kReserved},
    {"5f00::1", kSegmentRouting},
    {"fc00::1", kUniqueLocal},
    {"fd00:ec2::254", kUniqueLocal},  // of AWS, by IPv6
    {"fd20:ce::254", kUniqueLocal},   // of Google's cloud, by IPv6
    {"fe80::1", kLinkLocal},
    {"fe80::a9fe:a9fe", kLinkLocal},
    {"fec0::1", kSiteLocal},
    {"ff02::1", kMulticast},
    {"ff0e::1", kMulticast},
    {"200::1", kReserved},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", kMulticast},
    // Public by its prefix, but what it carries is not (ISATAP).
    {"2600::5efe:127.0.0.1", kLoopback},
    {"2600::5efe:10.0.0.1", kPrivate},
    {"2600:1:2:3:200:5efe:169.254.169.254", kLinkLocal},
    {"2600::5efe:168.63.129.16", kPlatform},
};

TEST(HostileAddress, no_name_makes_it_good) {
  for (Mode mode : {Mode::kEnforce, Mode::kReport}) {
    const Client client = trusting(mode);
    const Target target = parse_authority("rebind.example:443").value();
    const Decision of_name = judge_target(client, target);
    ASSERT_EQ(of_name.verdict, Verdict::kAllow);
    for (const auto& [text, is] : kNotPublic) {
      const IpAddress address = IpAddress::parse(text).value();
      const Decision decision = judge_address(client, target, address, of_name);
      EXPECT_EQ(name(decision.verdict), "deny") << text;
      EXPECT_EQ(decision.reason, Reason::kNotPublic) << text;
      EXPECT_EQ(name(decision.is.value_or(kPublic)), name(is)) << text;
      EXPECT_EQ(decision.address, address);
    }
  }
}

TEST(HostileAddress, asked_for_as_it_is_it_is_no_better) {
  for (Mode mode : {Mode::kEnforce, Mode::kReport}) {
    const Client client = trusting(mode);
    for (const auto& [text, is] : kNotPublic) {
      const std::string host = std::string(text).contains(':') ? "[" + std::string(text) + "]" : text;
      const Target target = parse_authority(host + ":443").value();
      const Decision decision = judge_target(client, target);
      EXPECT_EQ(name(decision.verdict), "deny") << text;
      EXPECT_EQ(name(decision.is.value_or(kPublic)), name(is)) << text;
      EXPECT_EQ(judge_address(client, target, *target.address, decision), decision) << text;
    }
  }
}

// An answer with a good address among bad ones leads to the good one and nowhere else.
TEST(HostileAddress, of_a_mixed_answer_only_the_public_ones_are_used) {
  const Client client = trusting(Mode::kEnforce);
  const Target target = parse_authority("a.rebind.example:443").value();
  const Decision of_name = judge_target(client, target);
  struct Answer {
    std::vector<const char*> addresses;
    std::vector<const char*> usable;
  };
  for (const Answer& answer : std::vector<Answer>{
           {{"8.8.8.8"}, {"8.8.8.8"}},
           {{"127.0.0.1"}, {}},
           {{"8.8.8.8", "127.0.0.1"}, {"8.8.8.8"}},
           {{"169.254.169.254", "8.8.8.8"}, {"8.8.8.8"}},
           {{"::ffff:8.8.8.8", "10.0.0.1", "::1"}, {}},
           {{"2600::1", "fd00::1", "1.1.1.1", "::"}, {"2600::1", "1.1.1.1"}},
           {{"2600::5efe:8.8.8.8", "2600::5efe:10.0.0.1"}, {"2600::5efe:8.8.8.8"}},
           {{"64:ff9b::8.8.8.8", "64:ff9b::10.0.0.1"}, {}},
           {{"2002:808:808::1", "2001:0:808:808::1"}, {}},
           {{"0.0.0.0", "::"}, {}},
       }) {
    std::vector<IpAddress> addresses;
    std::vector<IpAddress> usable;
    for (const char* text : answer.addresses) addresses.push_back(IpAddress::parse(text).value());
    for (const char* text : answer.usable) usable.push_back(IpAddress::parse(text).value());
    const Resolved resolved = judge_addresses(client, target, addresses, of_name);
    EXPECT_EQ(resolved.usable, usable) << answer.addresses.front();
    EXPECT_EQ(resolved.decision.passes(), !usable.empty()) << answer.addresses.front();
    EXPECT_EQ(resolved.decision.address, usable.empty() ? addresses.front() : usable.front());
  }
}

TEST(HostileAddress, there_are_enough_of_them) { EXPECT_GE(kNotPublic.size(), 80U); }

}  // namespace
}  // namespace pollux::egress
