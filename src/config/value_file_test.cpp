// SPDX-License-Identifier: Apache-2.0
#include "config/value_file.hpp"

#include <gtest/gtest.h>

#include "config/each_item.hpp"

namespace pollux::config {
namespace {

std::string again(std::string_view text) {
  auto root = parse_json_values(text);
  if (!root) return root.error().message;
  std::string out;
  append_json(**root, out);
  return out;
}

TEST(ValueFile, gives_json_back_as_it_was_written) {
  EXPECT_EQ(again(R"([1,-2,2.50,12345678901234567890123,1E5,true,false,null,"",[],{}])"),
            R"([1,-2,2.50,12345678901234567890123,1e5,true,false,null,"",[],{}])");
  EXPECT_EQ(again("\xEF\xBB\xBF {\"a\\u00fc\\n\" : \"x\\\"y\" } \n"), "{\"aü\\n\":\"x\\\"y\"}");
  EXPECT_EQ(again(R"("true")"), R"("true")");
  EXPECT_EQ(again(R"(["12","null"])"), R"(["12","null"])");
}

TEST(ValueFile, says_the_line_of_what_is_no_json) {
  for (const char* text :
       {"", "[1,\n2,]", "{\"a\":1,}", "[1] 2", "nul", "[\"\xFF\"]", "\"a", "[01]", "// x\n1", "[NaN]"}) {
    auto root = parse_json_values(text);
    ASSERT_FALSE(root) << text;
    EXPECT_EQ(root.error().message.substr(0, 5), "line ") << root.error().message;
  }
  EXPECT_EQ(again("[1,\n\n2 3]").substr(0, 16), "line 3: not JSON");
  EXPECT_EQ(again("{\"a\":1,\n\"b\":{\"c\":1,\"c\":2}}"), "line 2: key `c` a second time");
}

TEST(ValueFile, survives_a_deep_hole_and_a_flood_of_values) {
  EXPECT_FALSE(parse_json_values(std::string(100'000, '[')));
  EXPECT_TRUE(parse_json_values(std::string(60, '[') + std::string(60, ']')));
  std::string flood = "[0";
  for (int i = 0; i < 1'000'000; ++i) flood += ",0";
  EXPECT_EQ(again(flood + "]"), "line 1: more than 1,000,000 values");
}

TEST(ValueFile, makes_a_map_of_texts_of_each_csv_row) {
  auto rows = parse_csv_values("a,b c\n1,\"x\ny\"\ntrue,\n");
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 2U);
  std::string out;
  append_json(*(*rows)[0], out);
  append_json(*(*rows)[1], out);
  EXPECT_EQ(out, R"({"a":"1","b c":"x\ny"}{"a":"true","b c":""})");
  EXPECT_EQ((*rows)[1]->at.line, 4);
}

TEST(ValueFile, takes_no_csv_that_cannot_become_json) {
  EXPECT_EQ(parse_csv_values("a\nx\n\xE9\n").error().message, "line 3: a byte that is not UTF-8");
  EXPECT_EQ(parse_csv_values(std::string_view("a\nx\0\n", 5)).error().message, "line 2: a control character");
}

}  // namespace
}  // namespace pollux::config
