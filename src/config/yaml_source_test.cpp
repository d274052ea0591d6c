// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_source.hpp"

#include <gtest/gtest.h>

namespace pollux::config {
namespace {

std::string json_of(const std::string& plain) {
  Node node;
  node.kind = Node::Kind::kScalar;
  node.plain = true;
  node.text = plain;
  return resolve(node).json;
}

TEST(Resolve, follows_the_core_schema_and_keeps_every_digit) {
  EXPECT_EQ(json_of("007"), "7");
  EXPECT_EQ(json_of("-0"), "0");
  EXPECT_EQ(json_of("+12"), "12");
  EXPECT_EQ(json_of("0x1F"), "31");
  EXPECT_EQ(json_of("0o17"), "15");
  EXPECT_EQ(json_of("123456789012345678901234567890"), "123456789012345678901234567890");
  EXPECT_EQ(json_of(".5"), "0.5");
  EXPECT_EQ(json_of("1."), "1.0");
  EXPECT_EQ(json_of("-1.50e+3"), "-1.50e+3");
  EXPECT_EQ(json_of("True"), "true");
  for (const char* text : {"yes", "on", "1m", "0x", "0xg", ".", "-", "1e", "e5", "1_000", "12:30", ".inf",
                           ".nan", "1.2.3", ""}) {
    EXPECT_EQ(json_of(text), "") << text;
  }
}

TEST(ParseYaml, counts_columns_in_characters) {
  auto document = parse_yaml("ü: {é: x}\n");
  ASSERT_TRUE(document.root);
  const Node& inner = *document.root->entries.at(0).value;
  EXPECT_EQ(inner.at, (Mark{1, 4}));
  EXPECT_EQ(inner.entries.at(0).value->at, (Mark{1, 8}));
}

TEST(ParseYaml, resolves_merge_keys_with_the_earlier_ones_winning) {
  auto document =
      parse_yaml("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 0}\nd: {'<<': 1}\n");
  ASSERT_TRUE(document.root);
  EXPECT_TRUE(document.faults.empty());
  const Node& c = *document.root->find("c")->value;
  EXPECT_EQ(c.find("x")->value->text, "0");
  EXPECT_EQ(c.find("y")->value->text, "1");
  EXPECT_EQ(c.find("z")->value->text, "2");
  EXPECT_NE(document.root->find("d")->value->find("<<"), nullptr);
}

TEST(ParseYaml, shares_what_is_aliased) {
  auto document = parse_yaml("a: &a [1, 2]\nb: *a\n");
  ASSERT_TRUE(document.root);
  EXPECT_EQ(document.root->find("a")->value, document.root->find("b")->value);
}

TEST(ParseYaml, lets_variables_stand_unquoted_inside_braces_and_keeps_every_place) {
  auto document = parse_yaml(
      "a: { path: /x/${NAME:-a,b}/[y]?z=${step:q.items[0].id}, n: 1 }\nb: ${N}\n\"c${K}\": '${M}'\n");
  EXPECT_FALSE(document.root);  // the author's own brackets are still YAML's
  document =
      parse_yaml("a: { path: /x/${NAME:-a,b}/z${step:q.items[0].id}, n: 1 }\nb: ${N}\n\"c${K}\": '${M}'\n");
  ASSERT_TRUE(document.root) << document.faults.at(0).found;
  ASSERT_TRUE(document.faults.empty());
  const Node& a = *document.root->find("a")->value;
  EXPECT_EQ(a.find("path")->value->text, "/x/${NAME:-a,b}/z${step:q.items[0].id}");
  EXPECT_EQ(a.find("n")->key_at, (Mark{1, 52}));
  EXPECT_EQ(document.root->find("b")->value->text, "${N}");
  EXPECT_EQ(document.root->find("c${K}")->value->text, "${M}");
}

TEST(ParseYaml, leaves_an_escaped_control_character_and_an_open_variable_alone) {
  auto document = parse_yaml("a: \"x\\x01y\"\nb: ${open\nc: 1\n");
  ASSERT_TRUE(document.root);
  EXPECT_EQ(document.root->find("a")->value->text, "x\x01y");
  EXPECT_EQ(document.root->find("b")->value->text, "${open");
}

TEST(ParseYaml, finds_each_repeated_key) {
  auto document = parse_yaml("a: 1\nb: {c: 1, c: 2}\na: 2\na: 3\n");
  ASSERT_EQ(document.faults.size(), 3U);
  EXPECT_EQ(document.faults[0].at, (Mark{2, 11}));
  EXPECT_EQ(document.faults[2].at, (Mark{4, 1}));
}

}  // namespace
}  // namespace pollux::config
