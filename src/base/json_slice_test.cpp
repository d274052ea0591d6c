// SPDX-License-Identifier: Apache-2.0
#include "base/json_slice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pollux {
namespace {

using testing::ElementsAre;

std::string at(std::string_view json, const JsonPath& place) {
  auto found = json_at(json, place);
  if (!found) return "error: " + found.error().message;
  return *found ? std::string(**found) : "(nothing)";
}

TEST(JsonSlice, gives_a_value_with_its_own_bytes) {
  std::string_view json =
      R"( {"a" : {"price": 1.10 , "id":18446744073709551616,"t":"\u00e9" }, "l":[ 1e2,[ ] ]} )";
  EXPECT_EQ(at(json, {"a", "price"}), "1.10");
  EXPECT_EQ(at(json, {"a", "id"}), "18446744073709551616");
  EXPECT_EQ(at(json, {"a", "t"}), R"("\u00e9")");
  EXPECT_EQ(at(json, {"a"}), R"({"price": 1.10 , "id":18446744073709551616,"t":"\u00e9" })");
  EXPECT_EQ(at(json, {"l", std::size_t{0}}), "1e2");
  EXPECT_EQ(at(json, {"l", std::size_t{1}}), "[ ]");
  EXPECT_EQ(at(" 5 ", {}), "5");
}

TEST(JsonSlice, points_into_the_callers_text) {
  std::string json = R"([{"id":7}])";
  auto found = *json_at(json, {std::size_t{0}, "id"});
  EXPECT_EQ(found->data(), json.data() + 7);
  EXPECT_EQ((*json_items(json))[0].data(), json.data() + 1);
}

TEST(JsonSlice, finds_nothing_where_there_is_nothing) {
  EXPECT_EQ(at(R"({"a":1})", {"b"}), "(nothing)");
  EXPECT_EQ(at(R"({"a":1})", {"a", "b"}), "(nothing)");
  EXPECT_EQ(at(R"({"a":1})", {std::size_t{0}}), "(nothing)");
  EXPECT_EQ(at("[1]", {std::size_t{1}}), "(nothing)");
  EXPECT_EQ(at("[]", {"a"}), "(nothing)");
  EXPECT_EQ(at("5", {"a"}), "(nothing)");
  EXPECT_EQ(at("\"a\"", {std::size_t{0}}), "(nothing)");
}

TEST(JsonSlice, takes_the_last_of_two_members_and_reads_escaped_names) {
  EXPECT_EQ(at(R"({"a":{"x":1},"a":{"x":2}})", {"a", "x"}), "2");
  EXPECT_EQ(at(R"({"a\u0062\"":3})", {"ab\""}), "3");
}

TEST(JsonSlice, lists_the_items_of_a_list) {
  EXPECT_THAT(*json_items(R"( [ 1.50 ,"a,]" , {"b":[2,3]}, null,[]  ] )"),
              ElementsAre("1.50", R"("a,]")", R"({"b":[2,3]})", "null", "[]"));
  EXPECT_THAT(*json_items("[]"), ElementsAre());
  for (auto text : {"{}", "5", "\"a\"", "null"}) {
    auto items = json_items(text);
    ASSERT_FALSE(items) << text;
    EXPECT_EQ(items.error().message, "not a list");
  }
}

TEST(JsonSlice, gives_the_items_of_a_list_one_by_one) {
  const std::string json = " [1.50,{\"b\":[2,3]}] ";
  std::vector<std::string_view> taken;
  EXPECT_TRUE(each_json_item(json, [&](std::string_view item) { taken.push_back(item); }));
  EXPECT_THAT(taken, ElementsAre("1.50", R"({"b":[2,3]})"));
  EXPECT_EQ(taken[0].data(), json.data() + 2);
  EXPECT_FALSE(each_json_item("{}", [](std::string_view) {}));
}

TEST(JsonSlice, looks_no_further_than_the_item_that_it_is_asked_for) {
  EXPECT_EQ(at("[1,2,}{]", {std::size_t{1}}), "2");
  EXPECT_FALSE(json_at("[1,2,}{]", {std::size_t{2}}));
}

TEST(JsonSlice, says_so_when_it_is_not_json) {
  for (auto text : {"", "  ", "[1,", "[1 2]", "[{]", "[1]x", "[\"\xff\"]", "["}) {
    auto items = json_items(text);
    ASSERT_FALSE(items) << text;
    EXPECT_EQ(items.error().kind, ErrorKind::kMalformed);
  }
  EXPECT_FALSE(json_at("{\"a\" 1}", {"a"}));
  EXPECT_FALSE(json_at("{\"a\":1", {"a"}));
  EXPECT_FALSE(json_at("", {"a"}));
}

TEST(JsonSlice, unquotes_strings_only) {
  EXPECT_EQ(json_unquote(R"( "a\n\u00e9\ud83d\ude00" )"), "a\n\xc3\xa9\xf0\x9f\x98\x80");
  EXPECT_EQ(json_unquote(R"("")"), "");
  for (auto text : {"5", "", "\"", R"("a)", R"("\ud800")", "[]"})
    EXPECT_EQ(json_unquote(text), std::nullopt) << text;
}

TEST(JsonSlice, describes_a_place_as_jq_writes_it) {
  EXPECT_EQ(describe(JsonPath{"meta", "next", std::size_t{0}}), ".meta.next[0]");
  EXPECT_EQ(describe(JsonPath{std::size_t{2}, "id"}), ".[2].id");
  EXPECT_EQ(describe(JsonPath{}), ".");
}

}  // namespace
}  // namespace pollux
