// SPDX-License-Identifier: Apache-2.0
#include "poll/check/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace pollux::check {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Schema compiled(std::string_view text) {
  auto schema = Schema::compile(text, "test.schema.json");
  if (!schema) throw std::runtime_error(schema.error().message);
  return *schema;
}

// "" where it fits, else the message.
std::string verdict(std::string_view schema, std::string_view document) {
  auto result = compiled(schema).validate(document);
  return result ? "" : result.error().message;
}

constexpr std::string_view kWaitTimes = R"({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "definitions": {"seconds": {"type": "integer", "minimum": 0},
    "medium": {"type": "object", "required": ["estimatedWaitTimeSeconds"], "properties": {
      "estimatedWaitTimeSeconds": {"type": "object", "required": ["en"], "additionalProperties": {"$ref": "#/definitions/seconds"}}}}},
  "type": "object", "required": ["call", "timestamp"], "additionalProperties": false,
  "properties": {"call": {"$ref": "#/definitions/medium"}, "chat": {"$ref": "#/definitions/medium"},
                 "timestamp": {"type": "integer"}}})";

TEST(Schema, names_the_place_and_what_was_found) {
  EXPECT_EQ(verdict(kWaitTimes, R"({"call":{"estimatedWaitTimeSeconds":{"en":167}},"timestamp":1})"), "");
  EXPECT_EQ(verdict(kWaitTimes, R"({"call":{"estimatedWaitTimeSeconds":{"en":null}},"timestamp":1})"),
            "does not fit test.schema.json: /call/estimatedWaitTimeSeconds/en: expected integer, found null");
}

TEST(Schema, lists_several_violations_and_counts_the_rest) {
  std::string schema = R"({"type":"array","items":{"type":"integer"}})";
  EXPECT_EQ(
      verdict(schema, R"(["a",2,null])"),
      "does not fit test.schema.json: /0: expected integer, found \"a\"; /2: expected integer, found null");
  EXPECT_THAT(verdict(schema, R"([[],{},true,"x",null,"y",1.5])"),
              AllOf(HasSubstr("/1: expected integer, found an object"), HasSubstr("; and 2 more"),
                    Not(HasSubstr("/5"))));
}

struct Case {
  std::string schema;
  std::string document;
  std::string says;  // empty: fits
};

TEST(Schema, enforces_each_keyword_of_draft_7) {
  const std::vector<Case> table = {
      {"true", "1", ""},
      {"{}", "null", ""},
      {"false", "1", "not allowed"},
      {R"({"type":"string"})", "1", "the whole: expected string, found 1"},
      {R"({"type":["string","null"]})", "1", "expected string or null, found 1"},
      {R"({"type":"integer"})", "1.5", "expected integer, found 1.5"},
      {R"({"type":"integer"})", "1.0", ""},
      {R"({"type":"integer"})", "1e3", ""},
      {R"({"type":"integer"})", R"("1")", "expected integer, found \"1\""},
      {R"({"type":"number"})", "1", ""},
      {R"({"type":"number"})", R"("1")", "expected number"},
      {R"({"type":"number"})", "18446744073709551615", ""},
      {R"({"type":"boolean"})", "0", "expected boolean, found 0"},
      {R"({"type":"boolean"})", R"("true")", "expected boolean"},
      {R"({"type":"null"})", R"("")", "expected null"},
      {R"({"type":"object"})", "[]", "expected object, found an array of 0"},
      {R"({"minimum":0})", "-1", "expected at least 0, found -1"},
      {R"({"minimum":0})", "0", ""},
      {R"({"maximum":5})", "5.5", "expected at most 5, found 5.5"},
      {R"({"exclusiveMinimum":0})", "0", "expected more than 0, found 0"},
      {R"({"exclusiveMaximum":5})", "5", "expected less than 5, found 5"},
      {R"({"minimum":0})", R"("-1")", ""},
      {R"({"minimum":10})", "18446744073709551615", ""},
      {R"({"maximum":10})", "18446744073709551615", "expected at most 10"},
      {R"({"multipleOf":5})", "7", "expected a multiple of 5, found 7"},
      {R"({"multipleOf":5})", "10", ""},
      {R"({"multipleOf":0.5})", "1.5", ""},
      {R"({"multipleOf":0.5})", "1.3", "expected a multiple of"},
      {R"({"minLength":2})", R"("é")", "expected at least 2 characters, found \"é\""},
      {R"({"maxLength":1})", R"("é")", ""},
      {R"({"maxLength":1})", R"("ab")", "expected at most 1 characters"},
      {R"({"pattern":"^[a-z]+$"})", R"("A")", "expected a text that matches \"^[a-z]+$\", found \"A\""},
      {R"({"pattern":"b"})", R"("abc")", ""},
      {R"({"enum":["a","b"]})", R"("c")", R"(expected one of ["a","b"], found "c")"},
      {R"({"enum":[1]})", R"("1")", "expected one of"},
      {R"({"const":1})", "2", "expected 1, found 2"},
      {R"({"const":1})", "1.0", ""},
      {R"({"minItems":1})", "[]", "expected at least 1 items, found an array of 0"},
      {R"({"maxItems":1})", "[1,2]", "expected at most 1 items, found an array of 2"},
      {R"({"uniqueItems":true})", "[1,1]", "uniqueness"},
      {R"({"uniqueItems":true})", "[1,2]", ""},
      {R"({"contains":{"const":1}})", "[2]", "contains"},
      {R"({"items":[{"type":"integer"}],"additionalItems":false})", "[1,2]", "item"},
      {R"({"required":["a"]})", "{}", "missing the required property 'a'"},
      {R"({"additionalProperties":false,"properties":{"a":{}}})", R"({"b":1})", "'b'"},
      {R"({"patternProperties":{"^x":{"type":"integer"}}})", R"({"x1":"a"})", "/x1"},
      {R"({"minProperties":1})", "{}", "expected at least 1 properties"},
      {R"({"maxProperties":0})", R"({"a":1})", "expected at most 0 properties"},
      {R"({"propertyNames":{"maxLength":1}})", R"({"ab":1})", "does not fit"},
      {R"({"dependencies":{"a":["b"]}})", R"({"a":1})", "dependency"},
      {R"({"allOf":[{"type":"integer"},{"minimum":3}]})", "2", "does not fit"},
      {R"({"anyOf":[{"type":"integer"},{"type":"null"}]})", R"("x")", "does not fit"},
      {R"({"oneOf":[{"type":"integer"},{"minimum":3}]})", "4", "does not fit"},
      {R"({"not":{"type":"null"}})", "null", "does not fit"},
      {R"({"if":{"type":"integer"},"then":{"minimum":3}})", "2", "does not fit"},
      {R"({"if":{"type":"integer"},"then":{"minimum":3}})", R"("x")", ""},
      {R"({"format":"date"})", R"("2026-13-01")", "expected a date"},
      {R"({"format":"date-time"})", R"("yesterday")", "expected a date-time"},
      {R"({"$defs":{"a":{"type":"null"}},"$ref":"#/$defs/a"})", "1", "does not fit"},
      {R"({"properties":{"a/b":{"type":"null"}}})", R"({"a/b":1})", "/a~1b: expected null, found 1"},
      {R"({"properties":{"next":{"$ref":"#"},"v":{"type":"integer"}}})", R"({"next":{"next":{"v":"x"}}})",
       "/next/next/v: expected integer, found \"x\""},
      {R"({"properties":{"unevaluatedItems":{"type":"null"}}})", R"({"unevaluatedItems":null})", ""},
  };
  for (const auto& one : table) {
    std::string said = verdict(one.schema, one.document);
    if (one.says.empty())
      EXPECT_EQ(said, "") << one.schema << " on " << one.document;
    else
      EXPECT_THAT(said, HasSubstr(one.says)) << one.schema << " on " << one.document;
  }
}

TEST(Schema, refuses_what_is_no_schema_or_would_be_ignored) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"", "empty"},
      {"[", "ends in the middle"},
      {"[]", "a schema is an object"},
      {R"({"type":"intger"})", "intger"},
      {R"({"type":5})", "not a string"},
      {R"({"minimum":"0"})", "minimum"},
      {R"({"required":"a"})", "required"},
      {R"({"properties":[]})", "properties"},
      {R"({"properties":{"a":5}})", "properties"},
      {R"({"enum":5})", "/enum: expected a list"},
      {R"({"minLength":-1})", "/minLength: expected a whole number"},
      {R"({"uniqueItems":"yes"})", "/uniqueItems: expected true or false"},
      {R"({"allOf":[]})", "/allOf: expected a list of schemas"},
      {R"({"items":{"not":1}})", "/items/not: expected a schema"},
      {R"({"items":5})", "items"},
      {R"({"items":{"pattern":"("}})", "/items: the pattern `(`"},
      {R"({"$ref":"https://example.com/a.json"})", "leaves the document"},
      {R"({"properties":{"a":{"$ref":"other.json#/b"}}})", "/properties/a/$ref"},
      {R"({"$ref":"#/definitions/none"})", "`#/definitions/none` is not there"},
      {R"({"definitions":{"a":{"$ref":"#/definitions/a"}},"$ref":"#/definitions/a"})", "refers to itself"},
      {R"({"unevaluatedProperties":false})", "a keyword of a later draft"},
      {R"({"items":{"prefixItems":[]}})", "/items/prefixItems"},
      {R"({"dependentRequired":{}})", "dependentRequired"},
      {R"({"$ref":"#/definitions/a","minimum":3,"definitions":{"a":{}}})", "/minimum: draft 7 ignores"},
  };
  for (const auto& [text, says] : table) {
    auto result = Schema::compile(text, "x.json");
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().kind, ErrorKind::kUsage);
    EXPECT_THAT(result.error().message, AllOf(HasSubstr("schema x.json: "), HasSubstr(says))) << text;
  }
}

// libstdc++'s regular expressions recurse for each character and would end the daemon.
TEST(Schema, rejects_a_text_too_long_for_a_pattern_instead_of_overflowing_the_stack) {
  std::string document = "\"" + std::string(200'000, 'a') + "\"";
  EXPECT_THAT(verdict(R"({"pattern":"^(a|b)*$"})", document), HasSubstr("too long to be matched"));
  EXPECT_EQ(verdict(R"({"pattern":"^(a|b)*$"})", "\"" + std::string(4096, 'a') + "\""), "");
  EXPECT_EQ(verdict(R"({"type":"string"})", document), "");
}

// valijson knows 64-bit signed integers only: larger ones are numbers, and `integer` refuses them rather than
// guessing.
TEST(Schema, refuses_an_integer_that_valijson_cannot_hold) {
  EXPECT_EQ(verdict(R"({"type":"integer"})", "9223372036854775807"), "");
  EXPECT_THAT(verdict(R"({"type":"integer"})", "9223372036854775808"), HasSubstr("expected integer"));
}

TEST(Schema, does_not_collect_the_faults_of_a_huge_document) {
  std::string document = "[\"\"";
  for (int i = 0; i < 500'000; ++i) document += ",\"\"";
  EXPECT_THAT(verdict(R"({"items":{"type":"integer"}})", document + "]"), HasSubstr("too big to list"));
}

TEST(Schema, can_be_shared_by_threads) {
  Schema schema = compiled(kWaitTimes);
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([schema, &right] {
      for (int n = 0; n < 200; ++n) {
        if (!schema.validate("{}") &&
            schema.validate(R"({"call":{"estimatedWaitTimeSeconds":{"en":1}},"timestamp":1})"))
          ++right;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 800);
}

}  // namespace
}  // namespace pollux::check
