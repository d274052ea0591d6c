// SPDX-License-Identifier: Apache-2.0
#include "base/charset.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pollux {
namespace {

using testing::HasSubstr;

TEST(Charset, makes_utf8_of_the_sets_of_the_web) {
  EXPECT_EQ(to_utf8("M\xFCnchen", "ISO-8859-1"), "München");
  EXPECT_EQ(to_utf8("\x80 5", "windows-1252"), "€ 5");
  EXPECT_EQ(to_utf8(std::string_view("\xFC\0", 2), "utf-16le"), "ü");
  EXPECT_EQ(to_utf8("\x93\xFA\x96\x7B", "Shift_JIS"), "日本");
  EXPECT_EQ(to_utf8("München", "utf-8"), "München");
  EXPECT_EQ(to_utf8("", "utf-8"), "");
}

TEST(Charset, has_every_set_that_it_says_it_knows) {
  for (const char* name : {"iso-8859-16", "windows-1258", "koi8-u", "macintosh", "ibm866", "gb18030", "big5",
                           "euc-jp", "iso-2022-jp", "euc-kr", "utf-32be", "utf8", "latin1"}) {
    EXPECT_TRUE(known_charset(name)) << name;
    EXPECT_TRUE(to_utf8("", name)) << name;
  }
}

TEST(Charset, converts_texts_that_are_longer_than_its_buffer) {
  std::string latin(100'000, '\xE9');
  auto text = to_utf8(latin, "iso-8859-1");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->size(), 200'000U);
  EXPECT_TRUE(text->ends_with("é"));
}

TEST(Charset, says_where_a_text_is_not_of_its_set) {
  auto wrong = to_utf8("ab\xFF", "utf-8");
  EXPECT_EQ(wrong.error().kind, ErrorKind::kMalformed);
  EXPECT_THAT(wrong.error().message, HasSubstr("not utf-8: byte 3"));
  auto cut = to_utf8("ab\xC3", "utf-8");
  EXPECT_EQ(cut.error().kind, ErrorKind::kTruncated);
  EXPECT_THAT(cut.error().message, HasSubstr("byte 3 begins a character that does not end"));
}

TEST(Charset, judges_utf8_as_unicode_has_it) {
  using Text = std::string_view;
  for (Text right : {Text(""), Text("a\0b", 3), Text("München €"), Text("\xF0\x9F\x98\x80"),
                     Text("\xF4\x8F\xBF\xBF"), Text("\xEF\xBF\xBF"), Text("\xC2\x80")}) {
    EXPECT_TRUE(is_utf8(right)) << right;
    EXPECT_EQ(to_utf8(right, "utf-8"), right);
  }
  // Overlong forms, halves of surrogate pairs, cut off, out of place: the converter knows which byte it is.
  for (Text wrong : {Text("\xC0\x80"), Text("\xC1\xBF"), Text("\xE0\x9F\xBF"), Text("\xF0\x8F\xBF\xBF"),
                     Text("\xED\xA0\x80"), Text("\xED\xBF\xBF"), Text("\xFF"), Text("\x80"), Text("ab\xC3"),
                     Text("\xE2\x82"), Text("\xC3(")}) {
    EXPECT_FALSE(is_utf8(wrong)) << wrong;
    EXPECT_FALSE(to_utf8(wrong, "utf-8")) << wrong;
  }
  // Beyond the last character, which glibc's converter lets through.
  for (Text beyond : {Text("\xF4\x90\x80\x80"), Text("\xF8\x88\x80\x80\x80")})
    EXPECT_FALSE(is_utf8(beyond)) << beyond;
}

TEST(Charset, does_not_let_a_foreign_answer_choose_any_converter) {
  for (const char* name : {"UTF-8//IGNORE", "iso-2022-cn-ext", "IBM1364", "../../x", "", "\n"}) {
    EXPECT_FALSE(known_charset(name)) << name;
    EXPECT_EQ(to_utf8("x", name).error().kind, ErrorKind::kMalformed) << name;
  }
}

}  // namespace
}  // namespace pollux
