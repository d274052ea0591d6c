// SPDX-License-Identifier: Apache-2.0
#include "poll/window.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/units.hpp"

namespace pollux::poll {
namespace {

using config::Window;
using testing::HasSubstr;

const Time kNow = *parse_time("2026-01-31T00:00:00Z");

Window last(std::size_t rows, JsonPath key = {}) {
  Window policy;
  policy.last = rows;
  policy.key = std::move(key);
  return policy;
}

Window days(int count) {
  Window policy;
  policy.age = std::chrono::days(count);
  policy.time = {"at"};
  return policy;
}

std::string rolled(std::string_view window, std::string_view made, const Window& policy) {
  auto out = roll(window, made, policy, kNow);
  if (!out) return "error: " + out.error().message;
  std::string text = *out;
  std::erase(text, '\n');
  return text;
}

TEST(Roll, takes_a_row_or_a_list_of_rows_and_nothing_for_null) {
  EXPECT_EQ(rolled("", R"({"n":1})", last(9)), R"([{"n":1}])");
  EXPECT_EQ(rolled(R"([{"n":1}])", R"( [{"n":2} , 3, "x"] )", last(9)), R"([{"n":1},{"n":2},3,"x"])");
  EXPECT_EQ(rolled("[1]", "null", last(9)), "[1]");
  EXPECT_EQ(rolled("[1]", "[]", last(9)), "[1]");
  EXPECT_EQ(rolled("", " 7 ", last(9)), "[7]");
}

TEST(Roll, keeps_the_bytes_of_each_row) {
  EXPECT_EQ(rolled("", R"([{"price": 1.10, "id":18446744073709551617,"t":"\u00e9"}])", last(9)),
            R"([{"price": 1.10, "id":18446744073709551617,"t":"\u00e9"}])");
}

TEST(Roll, forgets_the_oldest_beyond_the_last_so_many) {
  EXPECT_EQ(rolled("[1,2,3]", "[4,5]", last(3)), "[3,4,5]");
  EXPECT_EQ(rolled("[1,2,3]", "[4,5,6,7]", last(3)), "[5,6,7]");
  EXPECT_EQ(rolled("[1,2,3]", "[]", last(2)), "[2,3]");
}

TEST(Roll, puts_a_row_with_a_known_key_in_the_earlier_ones_place) {
  auto policy = last(9, {"id"});
  EXPECT_EQ(
      rolled(R"([{"id":1,"v":"a"},{"id":2}])", R"([{"id":3},{"id":1,"v":"b"},{"id":3,"v":"c"}])", policy),
      R"([{"id":1,"v":"b"},{"id":2},{"id":3,"v":"c"}])");
  // A text by its characters, a number by its digits; 1 and "1" are two things.
  EXPECT_EQ(rolled(R"([{"id":"\u0061"},{"id":1}])", R"([{"id":"a","v":2},{"id":"1"}])", policy),
            R"([{"id":"a","v":2},{"id":1},{"id":"1"}])");
  EXPECT_EQ(rolled(R"([{"id":9007199254740993}])", R"({"id":9007199254740992})", policy),
            R"([{"id":9007199254740993},{"id":9007199254740992}])");
}

TEST(Roll, refuses_a_new_row_without_the_key) {
  for (auto row :
       {R"({"n":1})", R"({"id":null})", R"({"id":[1]})", R"({"id":{}})", "5", R"({"error":"down"})"}) {
    auto out = roll(R"([{"id":1}])", row, last(9, {"id"}), kNow);
    ASSERT_FALSE(out) << row;
    EXPECT_EQ(out.error().kind, ErrorKind::kRejected);
    EXPECT_THAT(out.error().message, HasSubstr("row 0 of this run: no text or number at .id"));
  }
}

TEST(Roll, forgets_rows_older_than_so_many_days) {
  std::string window =
      R"([{"at":1769817599},{"at":"2026-01-29T23:59:59.5Z"},{"at":"2026-01-30T01:00:00+01:00"}])";
  // The last one is exactly a day old.
  EXPECT_EQ(rolled(window, R"({"at":"2026-01-30T12:00:00Z"})", days(1)),
            R"([{"at":1769817599},{"at":"2026-01-30T01:00:00+01:00"},{"at":"2026-01-30T12:00:00Z"}])");
  EXPECT_EQ(rolled("", R"([{"at":1769817599.25},{"at":1.5e9}])", days(1)), R"([{"at":1769817599.25}])");
}

TEST(Roll, refuses_a_new_row_whose_age_nobody_can_tell) {
  for (auto row : {R"({"n":1})", R"({"at":"yesterday"})", R"({"at":null})", R"({"at":1769817599000})"}) {
    auto out = roll("[]", row, days(30), kNow);
    ASSERT_FALSE(out) << row;
    EXPECT_EQ(out.error().kind, ErrorKind::kRejected);
    EXPECT_THAT(out.error().message, HasSubstr("no time at .at"));
  }
}

TEST(Roll, keeps_rows_that_came_under_another_policy) {
  EXPECT_EQ(rolled(R"([{"n":1}])", R"({"n":2,"at":1769817599})", days(30)),
            R"([{"n":1},{"n":2,"at":1769817599}])");
  EXPECT_EQ(rolled(R"([{"n":1}])", R"({"id":2})", last(9, {"id"})), R"([{"n":1},{"id":2}])");
}

TEST(Roll, keeps_to_both_limits) {
  auto policy = days(1);
  policy.last = 1;
  EXPECT_EQ(rolled(R"([{"at":1769817599,"n":1}])", R"([{"at":1769817599,"n":2},{"at":5}])", policy),
            R"([{"at":1769817599,"n":2}])");
}

TEST(Roll, says_so_when_the_state_is_broken) {
  auto out = roll("{", "1", last(9), kNow);
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().kind, ErrorKind::kState);
}

TEST(Complaint, covid_vaccine_scrapers_55_a_dead_source_emptied_what_was_good) {
  std::string window = R"([{"site":"a","open":true},{"site":"b","open":false}])";
  for (auto nothing : {"[]", "null"})
    EXPECT_EQ(rolled(window, nothing, last(500, {"site"})), window) << nothing;
  EXPECT_FALSE(roll(window, "{}", last(500, {"site"}), kNow));
}

}  // namespace
}  // namespace pollux::poll
