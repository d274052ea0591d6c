// SPDX-License-Identifier: Apache-2.0
#include "poll/check/json_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pollux::check {
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
  constexpr auto kBad = ErrorKind::kMalformed;
  constexpr auto kCut = ErrorKind::kTruncated;
  const std::vector<Bad> table = {
      {"", kBad, "the answer is empty"},
      {" \n ", kBad, "nothing but white space"},
      {"\xEF\xBB\xBF{}", kBad, "byte order mark"},
      {std::string("\xFF\xFE{\0}\0", 6), kBad, "UTF-16"},
      {"<!DOCTYPE html><html></html>", kBad, "it starts with `<!DOCTYPE html>`: an HTML page"},
      {"\n  <html>", kBad, "an HTML page"},
      {"<?xml version='1.0'?>", kBad, "an XML document"},
      {"<error/>", kBad, "HTML or XML"},
      {"\x1f\x8b\x08", kBad, "gzip data"},
      {"NaN", kBad, "JSON has no NaN or Infinity"},
      {"-Infinity", kBad, "JSON has no NaN or Infinity"},
      {R"({"a": NaN})", kBad, "JSON has no NaN or Infinity (line 1, column 7)"},
      {"[1,2,]", kBad, "a comma with nothing after it, before the ] at line 1, column 6"},
      {"{\"a\":1,\n}", kBad, "a comma with nothing after it, before the } at line 2, column 1"},
      {"{'a':1}", kBad, "unexpected `'a':1}` at line 1, column 2"},
      {"{a:1}", kBad, "line 1, column 2"},
      {"{\"a\" 1}", kBad, "unexpected `1}` at line 1, column 6"},
      {"[1 2]", kBad, "line 1, column 4"},
      {"{}{}", kBad, "something follows the value at line 1, column 3: `{}`"},
      {"{\"a\":1}\n{\"a\":2}", kBad, "something follows the value at line 2, column 1"},
      {"1 // c", kBad, "something follows the value"},
      {"[1, /* c */ 2]", kBad, "line 1, column 5"},
      {"01", kBad, "something follows the value"},
      {"+1", kBad, "unexpected `+1`"},
      {"[.5]", kBad, "unexpected `.5]`"},
      {"[1.]", kBad, "not JSON"},
      {"[0x10]", kBad, "not JSON"},
      {"True", kBad, "unexpected `True`"},
      {"\"a\nb\"", kBad, "a raw control character 0x0a"},
      {"\"\\x\"", kBad, "not JSON"},
      {R"("\ud800")", kBad, "surrogate"},
      {R"("\udc00")", kBad, "surrogate"},
      {"\"\xff\"", kBad, "not UTF-8"},
      {"\"\xc0\xaf\"", kBad, "not UTF-8"},
      {"\"\xed\xa0\x80\"", kBad, "not UTF-8"},
      {std::string("\0", 1), kBad, "control character 0x00"},
      {nested(kMaxDepth + 1), kBad, "nested deeper than 512 levels"},
      {"[1,2", kCut, "ends in the middle: 4 bytes, no closing ]"},
      {R"({"a":[1,{"b":2)", kCut, "no closing }"},
      {R"({"a":"b)", kCut, "no closing \""},
      {R"({"a":)", kCut, "no closing }"},
      {"tru", kCut, "the last value is cut off"},
      {"-", kCut, "the last value is cut off"},
      {"\"\xc3", kCut, "no closing \""},
      {"[\"" + std::string(1201, 'x'), kCut, "1,203 bytes"},
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
}  // namespace pollux::check
