// SPDX-License-Identifier: Apache-2.0
#include "base/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pollux {
namespace {

using testing::ElementsAre;

CsvTable table_of(std::string_view text) {
  auto table = parse_csv(text);
  EXPECT_TRUE(table) << table.error().message;
  return table.value_or(CsvTable{});
}

std::string refusal_of(std::string_view text, ErrorKind kind = ErrorKind::kMalformed) {
  auto table = parse_csv(text);
  EXPECT_FALSE(table) << text;
  if (table) return "";
  EXPECT_EQ(table.error().kind, kind);
  return table.error().message;
}

TEST(Csv, reads_rows_under_a_header) {
  CsvTable table = table_of("name,id\nen,7\nes,8\n");
  EXPECT_THAT(table.header, ElementsAre("name", "id"));
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_THAT(table.rows[1].fields, ElementsAre("es", "8"));
  EXPECT_EQ(table.rows[1].line, 3U);
}

TEST(Csv, takes_crlf_a_byte_order_mark_and_a_last_row_without_a_line_end) {
  CsvTable table = table_of("\xEF\xBB\xBFname,id\r\nen,7\r\nes,8");
  EXPECT_THAT(table.header, ElementsAre("name", "id"));
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_THAT(table.rows[1].fields, ElementsAre("es", "8"));
}

TEST(Csv, takes_commas_quotes_and_line_breaks_inside_quotes) {
  CsvTable table = table_of("a,\"b \"\"x\"\"\"\r\n\"1,2\",\"two\r\nlines\n\"\n\"\",\"\"\"\"\n");
  EXPECT_THAT(table.header, ElementsAre("a", "b \"x\""));
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_THAT(table.rows[0].fields, ElementsAre("1,2", "two\r\nlines\n"));
  EXPECT_THAT(table.rows[1].fields, ElementsAre("", "\""));
  EXPECT_EQ(table.rows[1].line, 5U);
}

TEST(Csv, keeps_spaces_and_empty_fields) {
  CsvTable table = table_of("a,b,c\n , x ,\n,,\n");
  EXPECT_THAT(table.rows[0].fields, ElementsAre(" ", " x ", ""));
  EXPECT_THAT(table.rows[1].fields, ElementsAre("", "", ""));
}

TEST(Csv, takes_an_empty_line_for_an_empty_value_only_between_rows_of_one_column) {
  CsvTable table = table_of("a\nx\n\ny\n\n\r\n");
  ASSERT_EQ(table.rows.size(), 3U);
  EXPECT_THAT(table.rows[1].fields, ElementsAre(""));
  EXPECT_EQ(refusal_of("a,b\n1,2\n\n3,4\n"), "line 3: 1 field, the header has 2");
}

TEST(Csv, says_the_line_of_a_row_that_is_too_short_or_too_long) {
  EXPECT_EQ(refusal_of("a,b\n1,\"x\ny\"\n1\n"), "line 4: 1 field, the header has 2");
  EXPECT_EQ(refusal_of("a,b\n1,2,3\n"), "line 2: 3 fields, the header has 2");
}

TEST(Csv, refuses_what_nobody_can_be_sure_about) {
  EXPECT_EQ(refusal_of("a\n\"x\ny", ErrorKind::kTruncated), "line 2: a quote that is not closed");
  EXPECT_EQ(refusal_of("a\nx\"y\"\n"), "line 2: a quote inside a field that does not begin with one");
  EXPECT_EQ(refusal_of("a\n\"x\ny\"z\n"), "line 3: something after the closing quote of a field");
  EXPECT_EQ(refusal_of("a\rb\r"), "line 1: a carriage return without a line feed");
  EXPECT_EQ(refusal_of("a\n\"x\"\ry\n"), "line 2: something after the closing quote of a field");
}

TEST(Csv, refuses_a_header_whose_names_cannot_tell_columns_apart) {
  EXPECT_EQ(refusal_of(""), "line 1: no header: the names of the columns");
  EXPECT_EQ(refusal_of("\r\n\n"), "line 1: no header: the names of the columns");
  EXPECT_EQ(refusal_of("a,,c\n"), "line 1: column 2 has no name");
  EXPECT_EQ(refusal_of("a,b,a\n"), "line 1: columns 1 and 3 are both named `a`");
}

TEST(Csv, reads_row_by_row_without_a_header_too) {
  CsvReader reader("1,2\n3,4\n");
  std::vector<std::string> fields;
  ASSERT_TRUE(reader.next(fields).value());
  EXPECT_THAT(fields, ElementsAre("1", "2"));
  EXPECT_EQ(reader.line(), 1U);
  ASSERT_TRUE(reader.next(fields).value());
  EXPECT_THAT(fields, ElementsAre("3", "4"));
  EXPECT_FALSE(reader.next(fields).value());
  EXPECT_FALSE(reader.next(fields).value());
}

constexpr Bytes kMost{1 << 20};

std::string as_json(std::string_view text, char delimiter = ',') {
  auto json = csv_as_json(text, delimiter, kMost);
  return json ? *json : json.error().message;
}

TEST(CsvAsJson, is_a_list_of_objects_by_the_names_of_the_header) {
  EXPECT_EQ(as_json("a,b\r\n1,2\r\n3,\r\n"), R"([{"a":"1","b":"2"},{"a":"3","b":""}])");
  EXPECT_EQ(as_json("a;b\n1,5;x", ';'), R"([{"a":"1,5","b":"x"}])");
  EXPECT_EQ(as_json("a\n 1 \n"), R"([{"a":" 1 "}])");
  EXPECT_EQ(as_json("a,b\n"), "[]");
  EXPECT_EQ(as_json("a,b\n1,2\n\r\n\n"), R"([{"a":"1","b":"2"}])");
}

TEST(CsvAsJson, keeps_what_stands_between_quotes) {
  EXPECT_EQ(as_json("a,b\n\"x,\"\"y\"\"\",\"1\r\n2\"\n"), R"([{"a":"x,\"y\"","b":"1\r\n2"}])");
  EXPECT_EQ(as_json("\"a\"\n\"\"\nx"), R"([{"a":""},{"a":"x"}])");
}

TEST(CsvAsJson, says_where_a_text_is_no_csv) {
  EXPECT_EQ(as_json(""), "not CSV: line 1: there is no header");
  EXPECT_EQ(as_json("a,,c\n"), "not CSV: line 1: column 2 has no name");
  EXPECT_EQ(as_json("a,b\n\"1\n2\",3\n4\n"), "not CSV: line 4: 1 field, the header has 2");
  auto cut = csv_as_json("a,b\n1,2\n3,\"4", ',', kMost);
  EXPECT_EQ(cut.error().kind, ErrorKind::kTruncated);
  EXPECT_EQ(cut.error().message, "not CSV: line 3: a quote that is not closed");
}

// A name of a million bytes over a million rows would be 10^12 bytes of JSON.
TEST(CsvAsJson, ends_as_soon_as_it_is_too_large) {
  const std::string name(1'000'000, 'n');
  std::string text = name + "\n";
  for (int i = 0; i < 1'000'000; ++i) text += "1\n";
  auto json = csv_as_json(text, ',', Bytes{3'500'000});
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().kind, ErrorKind::kTooLarge);
  EXPECT_THAT(json.error().message,
              testing::StartsWith("line 5: up to here the table is larger than 3.5 MB"));
}

TEST(CsvAsJson, may_be_just_as_large_as_it_may_be) {
  const std::string text = "a,b\n1,2\n3,\"\"\n";
  const std::string json = R"([{"a":"1","b":"2"},{"a":"3","b":""}])";
  EXPECT_EQ(csv_as_json(text, ',', Bytes{json.size()}).value(), json);
  for (std::size_t most = 0; most < json.size(); ++most)
    EXPECT_FALSE(csv_as_json(text, ',', Bytes{most})) << most;
}

TEST(Csv, refuses_more_columns_than_any_table_has) {
  std::string header = "1";
  for (std::size_t i = 2; i <= kMostColumns; ++i) header += "," + std::to_string(i);
  EXPECT_EQ(table_of(header + "\n").header.size(), kMostColumns);
  EXPECT_EQ(refusal_of(header + ",x\n"), "line 1: more than 16384 columns");
}

}  // namespace
}  // namespace pollux
