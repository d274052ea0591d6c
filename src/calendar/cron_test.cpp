// SPDX-License-Identifier: Apache-2.0
#include "calendar/cron.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace pollux::calendar {
namespace {

using testing::HasSubstr;

template <std::size_t N>
std::vector<std::size_t> members(const std::bitset<N>& set) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < N; ++i) {
    if (set.test(i)) out.push_back(i);
  }
  return out;
}

TEST(Cron, reads_lists_ranges_steps_and_names) {
  auto cron = parse_cron("*/20,5 8-10/2 1,15 JAN-mar MON-FRI");
  ASSERT_TRUE(cron);
  EXPECT_THAT(members(cron->minutes), testing::ElementsAre(0, 5, 20, 40));
  EXPECT_THAT(members(cron->hours), testing::ElementsAre(8, 10));
  EXPECT_THAT(members(cron->days), testing::ElementsAre(1, 15));
  EXPECT_THAT(members(cron->months), testing::ElementsAre(1, 2, 3));
  EXPECT_THAT(members(cron->weekdays), testing::ElementsAre(1, 2, 3, 4, 5));
  EXPECT_FALSE(cron->any_day);
  EXPECT_FALSE(cron->any_weekday);
}

TEST(Cron, takes_seven_and_the_end_of_the_week_for_sunday) {
  EXPECT_THAT(members(parse_cron("0 0 * * 7")->weekdays), testing::ElementsAre(0));
  EXPECT_THAT(members(parse_cron("0 0 * * 5-7")->weekdays), testing::ElementsAre(0, 5, 6));
  EXPECT_THAT(members(parse_cron("0 0 * * FRI-SUN")->weekdays), testing::ElementsAre(0, 5, 6));
  EXPECT_TRUE(parse_cron("0 0 * * *")->weekdays.all());
  EXPECT_THAT(members(parse_cron("0 0 * * */2")->weekdays), testing::ElementsAre(0, 2, 4, 6));
}

TEST(Cron, says_of_a_field_that_starts_with_a_star_that_it_does_not_restrict) {
  auto cron = parse_cron("0 0 */2 * *");
  ASSERT_TRUE(cron);
  EXPECT_TRUE(cron->any_day);
  EXPECT_TRUE(cron->any_weekday);
  EXPECT_FALSE(parse_cron("0 0 1-31 * *")->any_day);
}

TEST(Cron, spells_out_the_macros_in_any_case) {
  auto same = [](std::string_view macro, std::string_view fields) {
    auto a = parse_cron(macro);
    auto b = parse_cron(fields);
    ASSERT_TRUE(a && b) << macro;
    a->text = b->text = "";
    EXPECT_EQ(*a, *b) << macro;
  };
  same("@hourly", "0 * * * *");
  same("@Daily", "0 0 * * *");
  same("@midnight", "0 0 * * *");
  same("@weekly", "0 0 * * 0");
  same("@monthly", "0 0 1 * *");
  same("@YEARLY", "0 0 1 1 *");
  same("  @annually ", "0 0 1 1 *");
}

struct Bad {
  std::string text;
  std::string says;
  bool beyond_pattern = false;
};

const std::vector<Bad> kBad{
    {"", "0 fields where 5 are needed"},
    {"* * * *", "4 fields where 5 are needed: minute hour day-of-month month day-of-week"},
    {"* * * * * *", "6 fields"},
    {"60 * * * *", "minute: `60` is not a value; it may be 0 to 59"},
    {"-1 * * * *", "minute: `` is not a value"},
    {"* 24 * * *", "hour: `24` is not a value; it may be 0 to 23"},
    {"* * 0 * *", "day of month: `0` is not a value; it may be 1 to 31"},
    {"* * 32 * *", "day of month: `32`"},
    {"* * * 13 *", "month: `13` is not a value; it may be 1 to 12 or JAN to DEC"},
    {"* * * JANUARY *", "month: `JANUARY`"},
    {"* * * * 8", "day of week: `8` is not a value; it may be 0 to 7 or SUN to SAT"},
    {"* * * MON *", "month: `MON`"},
    {"30-10 * * * *", "minute: `30-10` runs backwards", true},
    {"* * * * SAT-MON", "day of week: `SAT-MON` runs backwards", true},
    {"5/15 * * * *", "minute: `5/15` has a step but no range; write 5-59/15"},
    {"*/0 * * * *", "minute: `*/0` has no good step; a step may be 1 to 59"},
    {"*/90 * * * *", "a step may be 1 to 59"},
    {"*/ * * * *", "has no good step"},
    {"1,,2 * * * *", "minute: `` is not a value"},
    {"1-2-3 * * * *", "minute: `2-3` is not a value"},
    {"** * * * *", "minute: `**` is not a value"},
    {"*-5 * * * *", "minute: `*` is not a value"},
    {"001 * * * *", "minute: `001`"},
    {"+1 * * * *", "minute: `+1`"},
    {"1 * * * * # each hour", "8 fields"},
    {"@reboot", "`@reboot` is unknown; it may be @hourly"},
    {"@", "`@` is unknown"},
};

TEST(Cron, names_the_field_what_was_found_and_what_it_may_be) {
  for (const Bad& bad : kBad) {
    auto cron = parse_cron(bad.text);
    ASSERT_FALSE(cron) << bad.text;
    EXPECT_THAT(cron.error().message, HasSubstr(bad.says)) << bad.text;
    EXPECT_EQ(cron.error().kind, ErrorKind::kUsage);
  }
}

TEST(Cron, has_a_pattern_that_accepts_what_the_parser_accepts) {
  std::regex pattern(cron_pattern());
  for (const Bad& bad : kBad) EXPECT_EQ(std::regex_search(bad.text, pattern), bad.beyond_pattern) << bad.text;
  for (std::string good :
       {"* * * * *", "*/5 8-20 * * MON-FRI", "0 0 1 1 *", "@daily", "5,10-20/3,*/7 23 31 dec sun",
        " 0\t0 29 2 7 ", "00 08 01 01 00", "59 23 * 12 1-7/7", "* * * * fri-Sun"}) {
    EXPECT_TRUE(parse_cron(good)) << good;
    EXPECT_TRUE(std::regex_search(good, pattern)) << good;
  }
}

}  // namespace
}  // namespace pollux::calendar
