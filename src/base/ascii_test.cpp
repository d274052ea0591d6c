// SPDX-License-Identifier: Apache-2.0
#include "base/ascii.hpp"

#include <gtest/gtest.h>

namespace pollux {
namespace {

TEST(Ascii, lowers_the_26_letters_and_leaves_every_other_byte) {
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const bool capital = i >= 'A' && i <= 'Z';
    EXPECT_EQ(ascii_lower(c), static_cast<char>(capital ? i + ('a' - 'A') : i)) << i;
  }
  EXPECT_EQ(ascii_lower("X-Mine [\\]^_` Ä\xC4"), "x-mine [\\]^_` Ä\xC4");
  EXPECT_EQ(ascii_lower(std::string_view("A\0B", 3)), std::string("a\0b", 3));
}

TEST(Ascii, compares_without_case_and_takes_nothing_else_for_a_letter) {
  EXPECT_TRUE(ascii_iequals("Content-Type", "cONTENT-tYPE"));
  EXPECT_TRUE(ascii_iequals("", ""));
  EXPECT_FALSE(ascii_iequals("link", "links"));
  EXPECT_FALSE(ascii_iequals("li{k", "li[k")) << "these too are 32 apart";
  EXPECT_FALSE(ascii_iequals("link", "l\x09nk"));
  EXPECT_FALSE(ascii_iequals("\xC4", "\xE4"));
}

TEST(Ascii, trims_blanks_at_both_ends_and_nothing_else) {
  EXPECT_EQ(ascii_trimmed(" \t a b\r\n"), "a b");
  EXPECT_EQ(ascii_trimmed("a"), "a");
  EXPECT_EQ(ascii_trimmed(" \n"), "");
  EXPECT_EQ(ascii_trimmed(""), "");
  EXPECT_EQ(ascii_trimmed("\xc2\xa0"
                          "a\v"),
            "\xc2\xa0"
            "a\v")
      << "no blanks of other kinds";
}

}  // namespace
}  // namespace pollux
