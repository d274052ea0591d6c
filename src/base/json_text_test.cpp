// SPDX-License-Identifier: Apache-2.0
#include "base/json_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pollux {
namespace {

using testing::HasSubstr;

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(CheckJson, takes_what_rfc_8259_takes) {
  const std::vector<std::string> good = {"{}",
                                         "[]",
                                         "null",
                                         "true",
                                         "0",
                                         "-0",
                                         "1e5",
                                         "-1.5E-7",
                                         "\"\"",
                                         " \t\r\n1\n ",
                                         R"("\u00e9\n\/\\\"")",
                                         R"("\ud83d\ude00")",
                                         "\"é😀\"",
                                         R"({"a":{"b":[1,2,{"c":null}]}})",
                                         R"({"a":1,"a":2})",
                                         "123456789012345678901234567890",
                                         "1e1000",
                                         R"("\u0000")",
                                         nested(kMaxDepth)};
  for (const auto& text : good) {
    auto result = check_json(text);
    EXPECT_TRUE(result) << text << ": " << (result ? "" : result.error().message);
  }
}

struct Bad {
  std::string text;
  ErrorKind kind;
  std::string says;
};

TEST(CheckJson, refuses_everything_else_and_says_why) {
  constexpr auto bad_text = ErrorKind::kMalformed;
  constexpr auto cut_off = ErrorKind::kTruncated;
  const std::vector<Bad> table = {
      {"", bad_text, "the answer is empty"},
      {" \n ", bad_text, "nothing but white space"},
      {"\xEF\xBB\xBF{}", bad_text, "byte order mark"},
      {std::string("\xFF\xFE{\0}\0", 6), bad_text, "UTF-16"},
      {"<!DOCTYPE html><html></html>", bad_text, "it starts with `<!DOCTYPE html>`: an HTML page"},
      {"\n  <html>", bad_text, "an HTML page"},
      {"<?xml version='1.0'?>", bad_text, "an XML document"},
      {"<error/>", bad_text, "HTML or XML"},
      {"\x1f\x8b\x08", bad_text, "gzip data"},
      {"NaN", bad_text, "JSON has no NaN or Infinity"},
      {"-Infinity", bad_text, "JSON has no NaN or Infinity"},
      {R"({"a": NaN})", bad_text, "JSON has no NaN or Infinity (line 1, column 7)"},
      {"[1,2,]", bad_text, "a comma with nothing after it, before the ] at line 1, column 6"},
      {"{\"a\":1,\n}", bad_text, "a comma with nothing after it, before the } at line 2, column 1"},
      {"{'a':1}", bad_text, "unexpected `'a':1}` at line 1, column 2"},
      {"{a:1}", bad_text, "line 1, column 2"},
      {"{\"a\" 1}", bad_text, "unexpected `1}` at line 1, column 6"},
      {"[1 2]", bad_text, "line 1, column 4"},
      {"{}{}", bad_text, "something follows the value at line 1, column 3: `{}`"},
      {"{\"a\":1}\n{\"a\":2}", bad_text, "something follows the value at line 2, column 1"},
      {"1 // c", bad_text, "something follows the value"},
      {"[1, /* c */ 2]", bad_text, "line 1, column 5"},
      {"01", bad_text, "something follows the value"},
      {"+1", bad_text, "unexpected `+1`"},
      {"[.5]", bad_text, "unexpected `.5]`"},
      {"[1.]", bad_text, "not JSON"},
      {"[0x10]", bad_text, "not JSON"},
      {"True", bad_text, "unexpected `True`"},
      {"\"a\nb\"", bad_text, "a raw control character 0x0a"},
      {"\"\\x\"", bad_text, "not JSON"},
      {R"("\ud800")", bad_text, "surrogate"},
      {R"("\udc00")", bad_text, "surrogate"},
      {"\"\xff\"", bad_text, "not UTF-8"},
      {"\"\xc0\xaf\"", bad_text, "not UTF-8"},
      {"\"\xed\xa0\x80\"", bad_text, "not UTF-8"},
      {std::string("\0", 1), bad_text, "control character 0x00"},
      {nested(kMaxDepth + 1), bad_text, "nested deeper than 512 levels"},
      {"[1,2", cut_off, "ends in the middle: 4 bytes, no closing ]"},
      {R"({"a":[1,{"b":2)", cut_off, "no closing }"},
      {R"({"a":"b)", cut_off, "no closing \""},
      {R"({"a":)", cut_off, "no closing }"},
      {"tru", cut_off, "the last value is cut off"},
      {"-", cut_off, "the last value is cut off"},
      {"\"\xc3", cut_off, "no closing \""},
      {"[\"" + std::string(1201, 'x'), cut_off, "1,203 bytes"},
  };
  for (const auto& bad : table) {
    auto result = check_json(bad.text);
    ASSERT_FALSE(result) << bad.text;
    EXPECT_EQ(result.error().kind, bad.kind) << bad.text << ": " << result.error().message;
    EXPECT_THAT(result.error().message, HasSubstr(bad.says)) << bad.text;
  }
}

TEST(CheckJson, refuses_each_prefix_of_a_whole_text_as_cut_off) {
  const std::string whole = R"({"call":{"en":[167,-2.5e3,true,null],"sp":"a\u00e9\n"},"t":[]})";
  for (std::size_t size = 1; size < whole.size(); ++size) {
    auto result = check_json(whole.substr(0, size));
    ASSERT_FALSE(result) << whole.substr(0, size);
    EXPECT_EQ(result.error().kind, ErrorKind::kTruncated) << whole.substr(0, size);
  }
}

TEST(CheckJson, shows_no_raw_bytes_of_the_body_in_its_message) {
  auto result = check_json("{\"a\":1} \x1b[31m\n\x07");
  ASSERT_FALSE(result);
  for (char c : result.error().message) EXPECT_GE(c, 0x20) << result.error().message;
}

}  // namespace
}  // namespace pollux
