// SPDX-License-Identifier: Apache-2.0
// Random lists, names and addresses, against the obvious way: every rule looked at in turn, by comparing
// texts part by part and addresses bit by bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>

#include "egress/policy/address_class.hpp"
#include "egress/policy/rule_set.hpp"

namespace pollux::egress {
namespace {

class Chance {
 public:
  explicit Chance(unsigned seed) : random_(seed) {}
  unsigned below(unsigned end) { return static_cast<unsigned>(random_() % end); }

  // Few and short labels, so that names often meet, also halfway through one.
  std::string name() {
    static const std::vector<std::string> kLabels = {"a", "b", "aa", "ab", "a-b", "x_a", "com"};
    std::string out = kLabels[below(7) % 5];
    for (unsigned i = below(4); i > 0; --i) out = kLabels[below(7)] + "." + out;
    return out;
  }
  std::uint16_t port() { return static_cast<std::uint16_t>(std::vector<int>{22, 80, 443, 8080}[below(4)]); }
  IpAddress address() {
    static const std::vector<std::string> kSome = {
        "10.0.0.1", "10.0.1.1", "10.1.0.1", "11.0.0.1",  "8.8.8.8", "127.0.0.1", "::1",
        "fd00::1",  "fd00::2",  "2600::1",  "2600::8:1", "2001::1", "64:ff9b::1"};
    return IpAddress::parse(kSome[below(static_cast<unsigned>(kSome.size()))]).value();
  }
  std::string rule() {
    static const std::vector<std::string> kPorts = {"", "", ":443", ":80,443", ":1-100", ":8080"};
    const std::string ports = kPorts[below(6)];
    if (below(3) > 0) return (below(2) == 0 ? "*." : "") + name() + ports;
    const IpAddress around = address();
    const std::string network = Cidr::around(around, below(around.width() + 1)).text();
    return (around.is_v4() || ports.empty() ? network : "[" + network + "]") + ports;
  }

 private:
  std::mt19937 random_;
};

std::vector<std::string> labels(const std::string& name) {
  std::vector<std::string> out;
  std::stringstream in(name);
  for (std::string label; std::getline(in, label, '.');) out.push_back(label);
  return out;
}

bool bit(const IpAddress& address, unsigned i) { return (address.bytes()[i / 8] >> (7 - i % 8) & 1) != 0; }

bool within(const Cidr& network, const IpAddress& address) {
  if (network.first().is_v4() != address.is_v4()) return false;
  for (unsigned i = 0; i < network.bits(); ++i)
    if (bit(network.first(), i) != bit(address, i)) return false;
  return true;
}

bool speaks(const Rule& rule, const std::string& host, bool wide) {
  auto of_rule = labels(rule.host);
  auto of_host = labels(host);
  if (rule.subject == Rule::Subject::kHost) return of_rule == of_host;
  if (rule.subject != Rule::Subject::kBelow) return false;
  if (of_host.size() < of_rule.size() || (of_host.size() == of_rule.size() && !wide)) return false;
  return std::equal(of_rule.rbegin(), of_rule.rend(), of_host.rbegin());
}

bool fits(const Rule& rule, std::uint16_t port, bool wide) {
  if (!rule.ports) return wide || port == 80 || port == 443;
  return rule.ports->contains(port);
}

const Rule* slowly(std::span<const Rule> rules, const auto& matches) {
  for (const Rule& rule : rules)
    if (matches(rule)) return &rule;
  return nullptr;
}

TEST(RuleSetProperty, finds_what_looking_through_all_rules_finds) {
  Chance chance(20260);
  unsigned hits = 0;
  for (int list = 0; list < 400; ++list) {
    std::vector<Rule> rules;
    for (unsigned i = chance.below(30); i > 0; --i) {
      auto rule = parse_rule(chance.rule());
      if (rule) rules.push_back(std::move(*rule));
    }
    const bool wide = chance.below(2) == 0;
    const RuleSet set = wide ? RuleSet::deny(rules) : RuleSet::allow(rules);
    for (int i = 0; i < 100; ++i) {
      const std::string host = chance.name();
      const std::uint16_t port = chance.port();
      const IpAddress address = chance.address();
      auto name_with_port = [&](const Rule& r) { return speaks(r, host, wide) && fits(r, port, wide); };
      auto name_alone = [&](const Rule& r) { return speaks(r, host, wide); };
      auto holds = [&](const Rule& r) {
        return r.network && within(*r.network, address) && fits(r, port, wide);
      };
      auto means = [&](const Rule& r) { return holds(r) && speaks_of(*r.network, address); };
      ASSERT_EQ(set.of_name(host, port), slowly(set.rules(), name_with_port)) << host << ":" << port;
      ASSERT_EQ(set.of_name(host), slowly(set.rules(), name_alone)) << host;
      ASSERT_EQ(set.of_address(address, port, RuleSet::Meant::kAny), slowly(set.rules(), holds))
          << address.text();
      ASSERT_EQ(set.of_address(address, port, RuleSet::Meant::kOnly), slowly(set.rules(), means))
          << address.text();
      hits += set.of_name(host, port) != nullptr;
      hits += set.of_address(address, port, RuleSet::Meant::kOnly) != nullptr;
    }
  }
  EXPECT_GT(hits, 5000U) << "the names meet too seldom to say anything";
}

}  // namespace
}  // namespace pollux::egress
