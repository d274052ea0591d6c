// SPDX-License-Identifier: Apache-2.0
#include "poll/transform/token_lines.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pollux::transform {
namespace {

TEST(TokenLines, puts_each_token_on_its_own_line_and_drops_comments) {
  EXPECT_EQ(TokenLines(".a|f(1) # c").text(), "\n.a\n|\nf\n(\n1\n)\n");
  EXPECT_EQ(TokenLines("a//=b//c ?//d|=..").text(), "\na\n//=\nb\n//\nc\n?//\nd\n|=\n..\n");
  EXPECT_EQ(TokenLines("$x.y[1.5e3:.5]@csv a::b").text(), "\n$x\n.y\n[\n1.5e3\n:\n.5\n]\n@csv\na::b\n");
  EXPECT_TRUE(TokenLines(" # only\n").empty());
}

TEST(TokenLines, adds_no_line_break_inside_of_a_string) {
  EXPECT_EQ(TokenLines(R"("a b" "c\"d # no")").text(), "\n\"a b\"\n\"c\\\"d # no\"\n");
  EXPECT_EQ(TokenLines(R"("x\(.a+(1))y\("z")w")").text(), "\n\"x\\(\n.a\n+\n(\n1\n)\n)y\\(\n\"z\"\n)w\"\n");
  EXPECT_EQ(TokenLines("\"not closed").text(), "\n\"not closed\n");
  EXPECT_EQ(TokenLines("\"\\").text(), "\n\"\\\n");
}

TEST(TokenLines, maps_a_line_back_to_its_token) {
  TokenLines tokens("é |\n  \"ä\nb\" | foo");
  const std::vector<TokenLines::Place> expected = {{1, 1, "é"},        {1, 3, "|"}, {2, 3, "\"ä\nb\""},
                                                   {2, 3, "\"ä\nb\""}, {3, 4, "|"}, {3, 6, "foo"},
                                                   {3, 9, ""}};
  for (int line = 2; line < 9; ++line) {
    auto place = tokens.at(line);
    const auto& wanted = expected[static_cast<std::size_t>(line) - 2];
    EXPECT_EQ(place.line, wanted.line) << line;
    EXPECT_EQ(place.column, wanted.column) << line;
    EXPECT_EQ(place.token, wanted.token) << line;
  }
  EXPECT_EQ(tokens.at(99).column, 9);
  EXPECT_EQ(tokens.at(0).column, 1);
}

}  // namespace
}  // namespace pollux::transform
