// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/json_slice.hpp"

#include <gtest/gtest.h>

namespace pollux::fetch {
namespace {

using config::JsonPath;

std::string at(std::string_view json, const JsonPath& path) {
  auto found = slice_at(json, path);
  return found ? std::string(*found) : "(nothing)";
}

TEST(JsonSlice, has_the_very_bytes_that_stand_there) {
  const std::string json =
      R"( {"a" : { "b":[ 1.50 , {"c":"x,]}\"\\"} , 9007199254740993,-0 ] } , "d":null } )";
  EXPECT_EQ(at(json, {"a", "b", 0U}), "1.50");
  EXPECT_EQ(at(json, {"a", "b", 1U}), R"({"c":"x,]}\"\\"})");
  EXPECT_EQ(at(json, {"a", "b", 1U, "c"}), R"("x,]}\"\\")");
  EXPECT_EQ(at(json, {"a", "b", 2U}), "9007199254740993");
  EXPECT_EQ(at(json, {"a", "b", 3U}), "-0");
  EXPECT_EQ(at(json, {"d"}), "null");
  EXPECT_EQ(at(json, {}), json.substr(1, json.size() - 2));
}

TEST(JsonSlice, finds_nothing_where_nothing_is) {
  EXPECT_EQ(at(R"({"a":[1]})", {"b"}), "(nothing)");
  EXPECT_EQ(at(R"({"a":[1]})", {"a", 1U}), "(nothing)");
  EXPECT_EQ(at(R"({"a":[1]})", {"a", "b"}), "(nothing)");
  EXPECT_EQ(at(R"({"a":[1]})", {0U}), "(nothing)");
  EXPECT_EQ(at(R"({"a":"b"})", {"a", "b"}), "(nothing)");
  EXPECT_EQ(at("[]", {0U}), "(nothing)");
  EXPECT_EQ(at("{}", {"a"}), "(nothing)");
}

TEST(JsonSlice, takes_the_last_of_two_equal_names_and_reads_escaped_ones) {
  EXPECT_EQ(at(R"({"a":1,"a":2})", {"a"}), "2");
  EXPECT_EQ(at(R"({"\u0061":1})", {"a"}), "1");
  EXPECT_EQ(at(R"({"x\"y":1})", {"x\"y"}), "1");
}

TEST(JsonSlice, counts_the_items_of_a_list) {
  EXPECT_EQ(slice_list("[]")->items, 0U);
  EXPECT_EQ(slice_list(" [ ] ")->items, 0U);
  EXPECT_EQ(slice_list("[ [1,2] , {\"a\":[3]},\"],\", 4 ]")->items, 4U);
  EXPECT_EQ(slice_list("[1 ,2]")->inside, "1 ,2");
  EXPECT_FALSE(slice_list("{}"));
  EXPECT_FALSE(slice_list("null"));
}

TEST(JsonSlice, shows_a_path_as_it_is_written) {
  EXPECT_EQ(path_text({"a", 0U, "b"}), ".a[0].b");
  EXPECT_EQ(path_text({0U}), ".[0]");
  EXPECT_EQ(path_text({}), ".");
}

}  // namespace
}  // namespace pollux::fetch
