// SPDX-License-Identifier: Apache-2.0
#include "base/units.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace pollux {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ParseDuration, reads_every_unit_and_several_in_falling_order) {
  EXPECT_EQ(parse_duration("500ms"), Millis(500));
  EXPECT_EQ(parse_duration("10s"), seconds(10));
  EXPECT_EQ(parse_duration("1h30m"), minutes(90));
  EXPECT_EQ(parse_duration("2d"), hours(48));
  EXPECT_EQ(parse_duration("1m1ms"), seconds(60) + Millis(1));
}

TEST(ParseDuration, refuses_everything_else_and_so_does_its_pattern) {
  const std::regex pattern{std::string(kDurationPattern)};
  for (auto text : {"", "10", "s", "0s", "0d0h", "-1s", "1.5s", "1 s", "30m1h", "1s1s", "1w", "1000000000s",
                    "1S", "s1"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
    EXPECT_FALSE(std::regex_match(text, pattern)) << text;
  }
  for (auto text : {"500ms", "10s", "1h30m", "2d", "1m1ms", "0h1m"}) {
    EXPECT_TRUE(parse_duration(text)) << text;
    EXPECT_TRUE(std::regex_match(text, pattern)) << text;
  }
}

TEST(FormatDuration, reads_back_as_the_same) {
  for (auto text : {"1d", "1h30m", "90ms", "1d2h3m4s5ms"})
    EXPECT_EQ(format_duration(*parse_duration(text)), text);
  EXPECT_EQ(format_duration(seconds(90)), "1m30s");
}

TEST(DescribeDuration, says_at_most_two_units) {
  EXPECT_EQ(describe_duration(Millis(42)), "42 ms");
  EXPECT_EQ(describe_duration(Millis(12'400)), "12.4 s");
  EXPECT_EQ(describe_duration(seconds(185)), "3 min 5 s");
  EXPECT_EQ(describe_duration(minutes(130)), "2 h 10 min");
  EXPECT_EQ(describe_duration(hours(98)), "4 d 2 h");
}

TEST(ParseBytes, reads_sizes_and_refuses_the_rest) {
  EXPECT_EQ(parse_bytes("64MiB"), Bytes{64ULL << 20});
  EXPECT_EQ(parse_bytes("10kB"), Bytes{10'000});
  EXPECT_EQ(parse_bytes("512"), Bytes{512});
  const std::regex pattern{std::string(kBytesPattern)};
  for (auto text : {"", "MiB", "-1", "1.5MiB", "64 MiB", "64mib", "1TB", "1234567890"}) {
    EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
    EXPECT_FALSE(std::regex_match(text, pattern)) << text;
  }
}

TEST(Time, is_written_and_read_as_rfc_3339) {
  Time time = *parse_time("2026-01-02T03:04:05Z");
  EXPECT_EQ(format_time(time), "2026-01-02T03:04:05Z");
  EXPECT_EQ(parse_time("2026-01-02T04:04:05.000+01:00"), time);
  EXPECT_EQ(parse_time("2026-01-02"), *parse_time("2026-01-02T00:00:00Z"));
  for (auto text : {"", "2026-1-2", "2026-02-30", "2026-01-02T25:00:00Z", "2026-01-02T03:04:05",
                    "2026-01-02T03:04Z", "now"}) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
  }
}

TEST(HttpDate, is_an_imf_fixdate) {
  EXPECT_EQ(format_http_date(*parse_time("1994-11-06T08:49:37Z")), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace pollux
