// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/formats.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pollux::fetch {
namespace {

using config::Format;
using testing::HasSubstr;

std::string read(std::string body, const std::string& type, config::Step step = {}) {
  auto text = as_json(step, std::move(body), type, Bytes{1 << 20});
  return text ? *text : text.error().message;
}

config::Step as(Format format, std::string charset = "") {
  config::Step step;
  step.expect = format;
  step.charset = std::move(charset);
  return step;
}

TEST(Formats, goes_by_the_content_type_where_nothing_was_told) {
  EXPECT_EQ(format_of(Format::kAuto, "Application/X-NDJSON; charset=utf-8"), Format::kJsonLines);
  EXPECT_EQ(format_of(Format::kAuto, "application/jsonl"), Format::kJsonLines);
  EXPECT_EQ(format_of(Format::kAuto, "text/csv"), Format::kCsv);
  for (const char* other : {"", "application/json", "text/html", "text/plain", "text/csvx"})
    EXPECT_EQ(format_of(Format::kAuto, other), Format::kJson) << other;
  EXPECT_EQ(format_of(Format::kJson, "text/csv"), Format::kJson);
}

TEST(Formats, makes_a_list_of_lines_and_keeps_their_bytes) {
  EXPECT_EQ(read("{\"id\": 9007199254740993}\r\n\n 1.50\n", "", as(Format::kJsonLines)),
            "[{\"id\": 9007199254740993}\r, 1.50]");
  EXPECT_EQ(read("", "application/x-ndjson"), "[]");
  EXPECT_THAT(read("1\n\n{\"a\":\n", "application/x-ndjson"), HasSubstr("line 3: JSON ends in the middle"));
  EXPECT_THAT(read("1 2\n", "application/x-ndjson"), HasSubstr("line 1: not JSON: something follows"));
}

TEST(Formats, makes_a_list_of_objects_of_a_table) {
  EXPECT_EQ(read("\xEF\xBB\xBFid,name\r\n1,\"a,b\"\r\n", "text/csv"), R"([{"id":"1","name":"a,b"}])");
  EXPECT_EQ(read("Ort\nM\xFCnchen\n", "text/csv; charset=\"ISO-8859-1\""), R"([{"Ort":"München"}])");
  EXPECT_THAT(read("Ort\nM\xFCnchen\n", "text/csv"), HasSubstr("say what it is with `charset:`"));
  EXPECT_THAT(read("a\n\xF4\x90\x80\x80\n", "text/csv"), HasSubstr("not utf-8: a character beyond U+10FFFF"));
  EXPECT_EQ(read("Ort\nM\xFCnchen\n", "text/csv", as(Format::kAuto, "latin1")), R"([{"Ort":"München"}])");
}

TEST(Formats, stops_a_table_that_grows_beyond_its_limit_as_json) {
  const config::Step step = as(Format::kCsv);
  const std::string json = R"([{"id":"1"},{"id":"2"}])";
  EXPECT_EQ(as_json(step, "id\n1\n2\n", "", Bytes{json.size()}).value(), json);
  auto refused = as_json(step, "id\n1\n2\n", "", Bytes{json.size() - 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kTooLarge);
  EXPECT_EQ(
      refused.error().message,
      "line 3: up to here the table is larger than 22 bytes as JSON, where each row repeats the names of "
      "all columns; ask for fewer rows or columns, or raise `max_answer`");
}

TEST(Formats, does_not_take_an_error_page_for_a_table) {
  EXPECT_THAT(read("<!DOCTYPE html>\n<title>502</title>\n", "text/csv"), HasSubstr("not CSV: HTML"));
  EXPECT_THAT(read("\n <html>\n", "", as(Format::kCsv)), HasSubstr("not CSV: HTML"));
}

TEST(Formats, takes_json_in_the_character_set_that_it_is_in) {
  EXPECT_EQ(read("\"M\xFCnchen\"", "application/json; charset=iso-8859-1"), "\"München\"");
  EXPECT_EQ(read("\"München\"", "application/json; charset=iso-8859-1"), "\"München\"")
      << "JSON is UTF-8 where it can be, whatever the header says";
  EXPECT_EQ(read("\xEF\xBB\xBF[1]", "application/json"), "[1]");
  EXPECT_EQ(read({"\xFF\xFE[\0001\0]\0", 8}, "application/json"), "[1]");
  EXPECT_EQ(read({"\xFE\xFF\0[\0001\0]", 8}, "application/json"), "[1]");
  EXPECT_EQ(read({"[\0001\0]\0", 6}, "application/json; charset=utf-16le"), "[1]");
}

TEST(Formats, says_so_where_the_character_set_is_wrong_or_unknown) {
  EXPECT_THAT(read("\"\xFC\"", "application/json; charset=x-mine"), HasSubstr("`x-mine` is not known"));
  EXPECT_THAT(read("\"\xFF\xFC\"", "application/json", as(Format::kJson, "euc-jp")),
              HasSubstr("not euc-jp: byte 2"));
  EXPECT_EQ(read("[1]", "application/json; charset=x-mine"), "[1]");
  EXPECT_THAT(read({"\xFF\xFE[\000", 5}, ""), HasSubstr("not utf-16le: byte 3"));
}

TEST(Formats, leaves_a_text_as_it_is_unless_its_character_set_is_known) {
  EXPECT_EQ(read("\xFF\xD8\xFF", "image/jpeg", as(Format::kText)), "\xFF\xD8\xFF");
  EXPECT_EQ(read("\xEF\xBB\xBFx", "text/plain; charset=utf-8", as(Format::kText)), "\xEF\xBB\xBFx");
  EXPECT_EQ(read("\xFC", "text/plain; charset=iso-8859-1", as(Format::kText)), "ü");
}

}  // namespace
}  // namespace pollux::fetch
