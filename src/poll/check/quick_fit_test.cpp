// SPDX-License-Identifier: Apache-2.0
#include "poll/check/quick_fit.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <vector>

#include "poll/check/schema.hpp"

namespace pollux::check {
namespace {

namespace json = boost::json;

const char* const kSchemas[] = {
    R"(true)",
    R"(false)",
    R"({})",
    R"({"type":"integer"})",
    R"({"type":"number"})",
    R"({"type":"null"})",
    R"({"type":["string","null"]})",
    R"({"type":"integer","minimum":0,"maximum":10})",
    R"({"exclusiveMinimum":0,"exclusiveMaximum":2.5})",
    R"({"type":"string","minLength":2,"maxLength":3})",
    R"({"enum":["a",1,null,true]})",
    R"({"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":2})",
    R"({"type":"object","required":["a"],"properties":{"a":{"type":"string"},"b":{"enum":[1]}}})",
    R"({"properties":{"a":{"type":"string"}},"additionalProperties":false})",
    R"({"properties":{"a":false}})",
    R"({"required":["a"],"additionalProperties":false})",
    R"({"additionalProperties":{"type":"integer"},"minProperties":1,"maxProperties":2})",
    R"({"items":{"$ref":"#/definitions/d"},"definitions":{"d":{"type":"string","minLength":1}}})",
    R"({"properties":{"a":{"$ref":"#"}},"additionalProperties":false})",
};

const char* const kDocuments[] = {"null",
                                  "true",
                                  "false",
                                  "0",
                                  "1",
                                  "1.0",
                                  "2.5",
                                  "-1",
                                  "10",
                                  "11",
                                  "1e3",
                                  "9007199254740993",
                                  "18446744073709551615",
                                  "1e300",
                                  R"("")",
                                  R"("a")",
                                  R"("ab")",
                                  R"("abcd")",
                                  R"("éé")",
                                  R"("ééé")",
                                  R"("éééé")",
                                  R"("😀😀")",
                                  "[]",
                                  "[1]",
                                  "[1,2]",
                                  "[1,2,3]",
                                  R"(["a"])",
                                  R"(["a",""])",
                                  "[null]",
                                  "{}",
                                  R"({"a":"x"})",
                                  R"({"a":1})",
                                  R"({"b":1})",
                                  R"({"b":2})",
                                  R"({"a":"x","b":1})",
                                  R"({"a":"x","b":2,"c":3})",
                                  R"({"a":{}})",
                                  R"({"a":{"a":{}}})",
                                  R"({"a":{"a":{"b":1}}})",
                                  R"({"a":{"b":{}}})",
                                  R"({"a":null})"};

// The same schema inside an allOf, which the short way does not know: valijson alone judges it.
Schema judged_by_valijson(const std::string& schema) {
  json::value inner = json::parse(schema);
  json::object outer{{"allOf", json::array{inner}}};
  if (const auto* object = inner.if_object(); object != nullptr && object->contains("definitions")) {
    outer["definitions"] = object->at("definitions");
  }
  return Schema::compile(json::serialize(outer), "valijson").value();
}

bool refers_to_the_root(const std::string& schema) { return schema.find(R"("#")") != std::string::npos; }

TEST(QuickFit, says_yes_exactly_where_valijson_does) {
  for (const std::string schema : kSchemas) {
    QuickFit quick(json::parse(schema));
    ASSERT_TRUE(quick.usable()) << schema;
    if (refers_to_the_root(schema)) continue;  // in an allOf the root is another one
    Schema slow = judged_by_valijson(schema);
    Schema both = Schema::compile(schema, "both").value();
    for (const std::string document : kDocuments) {
      SCOPED_TRACE(schema + " for " + document);
      EXPECT_EQ(both.validate(document).has_value(), slow.validate(document).has_value());
      // Beyond 2^53 and for integers written as fractions it may leave the word to valijson; it never says a
      // yes of its own.
      bool sure = quick.surely_fits(json::parse(document));
      EXPECT_TRUE(!sure || slow.validate(document).has_value());
    }
  }
}

TEST(QuickFit, knows_by_itself_that_everyday_documents_fit) {
  QuickFit quick(json::parse(
      R"({"$schema":"http://json-schema.org/draft-07/schema#","type":"object","required":["busy"],"additionalProperties":false,
          "properties":{"busy":{"type":"array","items":{"$ref":"#/definitions/queue"}}},
          "definitions":{"queue":{"type":"object","required":["name","minutes"],
            "properties":{"name":{"type":"string","minLength":1},"minutes":{"type":"number","minimum":0}}}}})"));
  EXPECT_TRUE(quick.surely_fits(
      json::parse(R"({"busy":[{"name":"a","minutes":2.5},{"name":"b","minutes":0,"more":1}]})")));
  EXPECT_FALSE(
      quick.surely_fits(json::parse(R"({"busy":[{"name":"a","minutes":2.5},{"name":"","minutes":0}]})")));
  EXPECT_FALSE(quick.surely_fits(json::parse(R"({"busy":[{"name":"a"}]})")));
  EXPECT_FALSE(quick.surely_fits(json::parse(R"({"busy":[],"idle":[]})")));
}

TEST(QuickFit, follows_a_schema_into_itself) {
  QuickFit quick(json::parse(R"({"properties":{"a":{"$ref":"#"}},"additionalProperties":false})"));
  EXPECT_TRUE(quick.surely_fits(json::parse(R"({"a":{"a":{}}})")));
  EXPECT_FALSE(quick.surely_fits(json::parse(R"({"a":{"a":{"b":1}}})")));
}

TEST(QuickFit, is_sure_of_nothing_where_a_keyword_is_not_known_to_it) {
  for (const char* schema :
       {R"({"pattern":"a"})", R"({"type":"object","properties":{"a":{"oneOf":[{},{"type":"string"}]}}})",
        R"({"items":[{}]})", R"({"$id":"x"})", R"({"format":"date"})", R"({"enum":[[1]]})",
        R"({"enum":[0.5]})", R"({"minimum":1,"exclusiveMinimum":0})", R"({"minimum":9007199254740993})",
        R"({"minLength":1.5})",
        R"({"definitions":{"a":{"$ref":"#/definitions/b"},"b":{}},"items":{"$ref":"#/definitions/a"}})"}) {
    QuickFit quick(json::parse(schema));
    EXPECT_FALSE(quick.usable()) << schema;
    EXPECT_FALSE(quick.surely_fits(json::parse("{}"))) << schema;
  }
}

}  // namespace
}  // namespace pollux::check
