// SPDX-License-Identifier: Apache-2.0
#include "base/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pollux {
namespace {

using testing::HasSubstr;

std::string read(std::string_view text, char delimiter = ',') {
  auto json = csv_as_json(text, delimiter);
  return json ? *json : json.error().message;
}

TEST(Csv, is_a_list_of_objects_by_the_names_of_the_header) {
  EXPECT_EQ(read("a,b\r\n1,2\r\n3,\r\n"), R"([{"a":"1","b":"2"},{"a":"3","b":""}])");
  EXPECT_EQ(read("a;b\n1,5;x", ';'), R"([{"a":"1,5","b":"x"}])");
  EXPECT_EQ(read("a\n 1 \n"), R"([{"a":" 1 "}])");
  EXPECT_EQ(read("a,b\n"), "[]");
  EXPECT_EQ(read("a,b\n1,2\n\r\n\n"), R"([{"a":"1","b":"2"}])");
}

TEST(Csv, keeps_what_stands_between_quotes) {
  EXPECT_EQ(read("a,b\n\"x,\"\"y\"\"\",\"1\r\n2\"\n"), R"([{"a":"x,\"y\"","b":"1\r\n2"}])");
  EXPECT_EQ(read("\"a\"\n\"\"\nx"), R"([{"a":""},{"a":"x"}])");
}

TEST(Csv, counts_lines_also_inside_quotes) {
  EXPECT_EQ(read("a,b\n\"1\n2\",3\n4\n"), "not CSV: line 4: 1 field where the header has 2");
}

TEST(Csv, refuses_what_rfc_4180_does_not_know) {
  EXPECT_EQ(read(""), "not CSV: line 1: there is no header");
  EXPECT_EQ(read("a,,c\n"), "not CSV: line 1: column 2 has no name");
  EXPECT_EQ(read("a,b,a\n"), "not CSV: line 1: the column name `a` stands there twice");
  EXPECT_EQ(read("a\nx\"y\n"), "not CSV: line 2: a quote inside a field that does not begin with one");
  EXPECT_EQ(read("a\n\"x\"y\n"), "not CSV: line 2: something follows a closing quote");
  EXPECT_EQ(read("a\nx\ry\n"), "not CSV: line 2: a carriage return without a line feed");
  EXPECT_EQ(read("a,b\n1,2,3\n"), "not CSV: line 2: 3 fields where the header has 2");
  EXPECT_EQ(read("a,b\n\n1,2\n"), "not CSV: line 2: 1 field where the header has 2");
  auto cut = csv_as_json("a,b\n1,2\n3,\"4", ',');
  EXPECT_EQ(cut.error().kind, ErrorKind::kTruncated);
  EXPECT_EQ(cut.error().message, "not CSV: line 3: a quote that is never closed");
}

}  // namespace
}  // namespace pollux
