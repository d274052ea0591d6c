// SPDX-License-Identifier: Apache-2.0
#include "poll/record.hpp"

#include <gtest/gtest.h>

namespace pollux::poll {
namespace {

TEST(Record, reads_back_as_it_was_written) {
  Record record;
  record.outcome = Outcome::kKept;
  record.updated_at = Time(Millis(1'767'323'045'123));
  record.checked_at = Time(Millis(1'767'323'105'123));
  record.reason = ErrorKind::kTruncated;
  record.message = "wait-times: \"en_call\": ended in the middle";
  record.objects["public:a b.json"] = {std::string(64, 'a'), 412};
  record.validators["en"] = {"W/\"v1\"", "Fri, 02 Jan 2026 09:00:00 GMT", "abc"};
  record.made_by = "def";
  EXPECT_EQ(parse_record(record_json(record)), record);
  record.cursor = R"({"since":1.10,"t":"\u00e9"})";
  EXPECT_EQ(parse_record(record_json(record)), record);
  EXPECT_EQ(parse_record(record_json(Record{})), Record{});
}

TEST(Record, of_an_earlier_version_has_nothing_to_ask_with) {
  auto old = parse_record(
      R"({"outcome":"published","updated_at":1,"checked_at":1,"reason":null,"message":"","objects":{}})");
  ASSERT_TRUE(old);
  EXPECT_TRUE(old->validators.empty());
}

TEST(Record, refuses_what_is_no_record) {
  for (auto text :
       {"", "[]", "{}", R"({"outcome":"kept"})", R"({"outcome":"kept","message":"","objects":[]})"}) {
    auto parsed = parse_record(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::kState);
  }
}

}  // namespace
}  // namespace pollux::poll
