// SPDX-License-Identifier: Apache-2.0
#include "config/pieces.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace pollux::config {
namespace {

TEST(Pieces, tell_literals_variables_steps_and_dates_apart) {
  auto pieces = parse_pieces("a${B}c${D:-e f}${file:/x y}${vcap:s.k}${step:s.a[3].b}${date:-7d}", true);
  ASSERT_TRUE(pieces);
  ASSERT_EQ(pieces->size(), 8U);
  EXPECT_EQ(std::get<std::string>((*pieces)[0]), "a");
  EXPECT_EQ(std::get<VariableRef>((*pieces)[1]).name, "B");
  EXPECT_EQ(std::get<VariableRef>((*pieces)[3]).fallback, "e f");
  EXPECT_EQ(std::get<VariableRef>((*pieces)[4]).name, "/x y");
  EXPECT_EQ(std::get<VariableRef>((*pieces)[5]).from, VariableRef::From::kVcap);
  EXPECT_EQ(std::get<Template::StepRef>((*pieces)[6]), (Template::StepRef{"s", {"a", std::size_t{3}, "b"}}));
  EXPECT_EQ(std::get<Template::DateRef>((*pieces)[7]).days, -7);
  auto cursors = parse_pieces("${cursor}${cursor.since[0]}${cursors}", true);
  ASSERT_TRUE(cursors);
  EXPECT_EQ(std::get<Template::CursorRef>((*cursors)[0]), (Template::CursorRef{}));
  EXPECT_EQ(std::get<Template::CursorRef>((*cursors)[1]), (Template::CursorRef{{"since", std::size_t{0}}}));
  EXPECT_EQ(std::get<VariableRef>((*cursors)[2]).name, "cursors");
}

std::string literal(std::string_view text) {
  auto pieces = parse_pieces(text, false);
  if (!pieces) return "refused";
  if (pieces->empty()) return "";
  return pieces->size() == 1 ? std::get<std::string>(pieces->front()) : "several";
}

TEST(Pieces, write_a_dollar_and_brace_with_two_dollars) {
  EXPECT_EQ(literal("$${A}"), "${A}");
  EXPECT_EQ(literal("$$${A}"), "$${A}");
  EXPECT_EQ(literal("$"), "$");
  EXPECT_EQ(literal("a$b$$c"), "a$b$$c");
  EXPECT_EQ(literal(""), "");
}

struct Case {
  const char* text;
  bool plain;      // good outside of templates
  bool templated;  // good in templates
  bool varied;     // good outside, with a variable in it
};

TEST(Pieces, agree_with_the_patterns_of_the_schema) {
  std::regex text(text_pattern());
  std::regex templates(template_pattern());
  std::regex varied(varied_pattern());
  for (const Case& c : std::vector<Case>{{"", true, true, false},
                                         {"abc", true, true, false},
                                         {"${A}", true, true, true},
                                         {"x${A_1}y", true, true, true},
                                         {"${A:-}", true, true, true},
                                         {"${A:-$x{}", true, true, true},
                                         {"${cursor}", false, true, false},
                                         {"a${cursor.b[0].c}", false, true, false},
                                         {"${cursor[1]}", false, true, false},
                                         {"${cursor:-x}", false, false, false},
                                         {"${cursor.}", false, false, false},
                                         {"${cursor[x]}", false, false, false},
                                         {"${cursor_}", true, true, true},
                                         {"${1A}", false, false, false},
                                         {"${}", false, false, false},
                                         {"${A", false, false, false},
                                         {"${A B}", false, false, false},
                                         {"${A:x}", false, false, false},
                                         {"${file:}", false, false, false},
                                         {"${file:/a b}", true, true, true},
                                         {"${file:-x}", true, true, true},
                                         {"${vcap:a}", false, false, false},
                                         {"${vcap:a.b.c}", true, true, true},
                                         {"${vcap:.b}", false, false, false},
                                         {"${vcap:a..b}", false, false, false},
                                         {"${vcap:a.}", false, false, false},
                                         {"${each:a}", true, true, true},
                                         {"${each:Agency Name.x[3].y-z}", true, true, true},
                                         {"${each:report#}", true, true, true},
                                         {"${each:#}", true, true, true},
                                         {"${each:}", false, false, false},
                                         {"${each:.a}", false, false, false},
                                         {"${each:a]}", false, false, false},
                                         {"${each:a[x]}", false, false, false},
                                         {"${each:a[0]x}", false, false, false},
                                         {"${each:a..b}", false, false, false},
                                         {"$${A}", true, true, false},
                                         {"$$${A}", true, true, false},
                                         {"$$$${A}", true, true, false},
                                         {"$${A}${B}", true, true, true},
                                         {"$${", true, true, false},
                                         {"$${${A}", true, true, true},
                                         {"$", true, true, false},
                                         {"a\nb${A}", true, true, true},
                                         {"$$${", true, true, false},
                                         {"${step:a}", false, true, false},
                                         {"${step:a.b[0]}", false, true, false},
                                         {"${step:a[0][1].x-y}", false, true, false},
                                         {"${step:a[x]}", false, false, false},
                                         {"${step:a.}", false, false, false},
                                         {"${step:a[0]x}", false, false, false},
                                         {"${step:}", false, false, false},
                                         {"${step:a-b}", false, false, false},
                                         {"${step:a[1234567890]}", false, false, false},
                                         {"${step:a.b]}", false, false, false},
                                         {"${step:a[0}", false, false, false},
                                         {"${date:today}", false, true, false},
                                         {"${date:-7d}", false, true, false},
                                         {"${date:+12345d}", false, false, false},
                                         {"${date:7d}", false, false, false},
                                         {"${date:-d}", false, false, false},
                                         {"${step:-x}", false, false, false},
                                         {"é${A}ü", true, true, true}}) {
    std::string s(c.text);
    EXPECT_EQ(parse_pieces(s, false).has_value(), c.plain) << s;
    EXPECT_EQ(std::regex_search(s, text), c.plain) << s;
    EXPECT_EQ(parse_pieces(s, true).has_value(), c.templated) << s;
    EXPECT_EQ(std::regex_search(s, templates), c.templated) << s;
    EXPECT_EQ(std::regex_search(s, varied), c.varied) << s;
  }
}

// All short texts of the characters that matter: no case is left to imagination.
TEST(Pieces, agree_with_the_patterns_on_all_short_texts) {
  std::regex text(text_pattern());
  std::regex templates(template_pattern());
  std::string alphabet = "${}A:-";
  std::vector<std::string> all{""};
  for (std::size_t from = 0, length = 0; length < 6; ++length) {
    std::size_t to = all.size();
    for (; from < to; ++from) {
      for (char c : alphabet) all.push_back(all[from] + c);
    }
  }
  for (const std::string& s : all) {
    ASSERT_EQ(parse_pieces(s, false).has_value(), std::regex_search(s, text)) << s;
    ASSERT_EQ(parse_pieces(s, true).has_value(), std::regex_search(s, templates)) << s;
  }
}

}  // namespace
}  // namespace pollux::config
