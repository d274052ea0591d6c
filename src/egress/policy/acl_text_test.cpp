// SPDX-License-Identifier: Apache-2.0
#include "egress/policy/acl_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace pollux::egress {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::string> texts(const AclRules& read) {
  std::vector<std::string> out;
  for (const Rule& rule : read.rules) out.push_back(rule.place + " " + rule.text());
  return out;
}

std::vector<std::string> faults(const AclRules& read) {
  std::vector<std::string> out;
  for (const AclFault& fault : read.faults) out.push_back(fault.text());
  return out;
}

TEST(AclFile, has_a_rule_on_each_line) {
  auto read = parse_acl_file("docker.io\n*.docker.io:443\n10.0.0.0/8\n", "allow.acl");
  EXPECT_THAT(texts(read),
              ElementsAre("allow.acl:1 docker.io", "allow.acl:2 *.docker.io:443", "allow.acl:3 10.0.0.0/8"));
  EXPECT_TRUE(read.faults.empty());
}

TEST(AclFile, takes_what_editors_leave) {
  auto read = parse_acl_file(
      "\xEF\xBB\xBF# list\r\n\r\n  a.example\t\r\n\tb.example # "
      "why\r\n#c.example\r\nd.example#e\n\nf.example",
      "x");
  EXPECT_THAT(texts(read), ElementsAre("x:3 a.example", "x:4 b.example", "x:8 f.example"));
  EXPECT_THAT(faults(read), ElementsAre(StartsWith("x:6: `d.example#e`")));
  EXPECT_TRUE(parse_acl_file("", "x").rules.empty());
  EXPECT_TRUE(parse_acl_file("\n\n#\n# all", "x").faults.empty());
}

TEST(AclFile, tells_all_faults_at_once) {
  auto read = parse_acl_file(
      "good.example\nhttps://a.example/\n10.1.2.3/8\nalso.good.example\n*\na b\nc.example\rd.example",
      "deny.acl");
  EXPECT_THAT(texts(read), ElementsAre("deny.acl:1 good.example", "deny.acl:4 also.good.example"));
  EXPECT_THAT(faults(read),
              ElementsAre(StartsWith("deny.acl:2: "), StartsWith("deny.acl:3: "), StartsWith("deny.acl:5: "),
                          StartsWith("deny.acl:6: "), StartsWith("deny.acl:7: ")));
}

// As GSA-TTS/cg-egress-proxy's vars.yml has them: by spaces on one line, or one on each.
TEST(AclValue, takes_spaces_line_ends_and_commas) {
  EXPECT_THAT(texts(parse_acl_value("*.google.com *.cnn.com", "PROXY_ALLOW")),
              ElementsAre("PROXY_ALLOW:1 *.google.com", "PROXY_ALLOW:2 *.cnn.com"));
  EXPECT_THAT(texts(parse_acl_value("\n  *.google.com\n  *.cnn.com\n", "P")),
              ElementsAre("P:1 *.google.com", "P:2 *.cnn.com"));
  EXPECT_THAT(texts(parse_acl_value("a.example,b.example, c.example ,,d.example,", "P")),
              ElementsAre("P:1 a.example", "P:2 b.example", "P:3 c.example", "P:4 d.example"));
  EXPECT_TRUE(parse_acl_value(" \r\n", "P").rules.empty());
}

TEST(AclValue, a_comma_before_a_port_belongs_to_the_rule) {
  EXPECT_THAT(texts(parse_acl_value("a.example:80,443,b.example:8000-8100,22,c.example", "P")),
              ElementsAre("P:1 a.example:80,443", "P:2 b.example:22,8000-8100", "P:3 c.example"));
  EXPECT_THAT(texts(parse_acl_value("[2001:db8::1]:80,443,10.0.0.0/8", "P")),
              ElementsAre("P:1 [2001:db8::1]:80,443", "P:2 10.0.0.0/8"));
  EXPECT_THAT(faults(parse_acl_value("a.example:80, 443", "P")), ElementsAre(StartsWith("P:2: `443`")));
  EXPECT_THAT(faults(parse_acl_value("a.example,443", "P")), ElementsAre(HasSubstr("a.example,443")));
}

// The lists of the proxy that is run today lie beside the project, not in it.
TEST(AclFile, reads_the_lists_of_today) {
  const std::filesystem::path folder =
      std::filesystem::path(POLLUX_SOURCE_DIR) / "../shared/reference/egress";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "there is no " << folder;
  auto read = [&](const char* name) {
    std::ifstream in(folder / name, std::ios::binary);
    return parse_acl_file(std::string{std::istreambuf_iterator<char>(in), {}}, name);
  };
  auto allow = read("allow.acl");
  EXPECT_THAT(faults(allow), ElementsAre());
  EXPECT_EQ(allow.rules.size(), 20U);
  auto deny = read("deny.acl");
  EXPECT_THAT(faults(deny), ElementsAre());
  EXPECT_THAT(texts(deny), ElementsAre("deny.acl:1 yahoo.com"));
}

}  // namespace
}  // namespace pollux::egress
