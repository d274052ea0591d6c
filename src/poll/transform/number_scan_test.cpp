// SPDX-License-Identifier: Apache-2.0
#include "poll/transform/number_scan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pollux::transform {
namespace {

TEST(FirstInexact, lets_pass_what_a_double_keeps) {
  const std::vector<std::string> fine = {"0",
                                         "-0",
                                         "0.1",
                                         "12.50",
                                         "-1.5e-7",
                                         "1e300",
                                         "9007199254740992",
                                         "-9007199254740992",
                                         "000",
                                         "0.10000000000000001",
                                         "1.7976931348623157e308",
                                         "1.00000000000000000000000",
                                         "0.00000000000000000000000000001",
                                         "0e999",
                                         "0.0e-999",
                                         "5e-324",
                                         R"("9007199254740993")",
                                         R"({"9007199254740993":1})",
                                         R"(["\"9007199254740993"])",
                                         R"(["\\", 1])",
                                         "null",
                                         "",
                                         "[",
                                         R"("unclosed 9007199254740993)"};
  for (const auto& text : fine) {
    auto found = first_inexact(text);
    EXPECT_FALSE(found) << text << " gave " << found->path << " " << found->text;
  }
}

TEST(FirstInexact, finds_what_a_double_changes) {
  const std::vector<std::string> bad = {"9007199254740993",
                                        "-9007199254740993",
                                        "18446744073709551615",
                                        "123456789012345678901234567890",
                                        "1e1000",
                                        "-1e1000",
                                        "1e-400",
                                        "0.123456789012345678",
                                        "1234567890.1234567890123"};
  for (const auto& text : bad) {
    auto found = first_inexact(text);
    ASSERT_TRUE(found) << text;
    EXPECT_EQ(found->text, text);
    EXPECT_EQ(found->path, ".");
  }
}

TEST(FirstInexact, says_where_it_stands) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {R"({"results":[{"id":1},{"id":2},{"id":3},{"id":9007199254740993}]})", ".results[3].id"},
      {R"([9007199254740993])", ".[0]"},
      {R"([[],[1,[2,9007199254740993]]])", ".[1][1][1]"},
      {R"({"a-b":{"c":9007199254740993}})", R"(.["a-b"].c)"},
      {R"({"a":{"x":[1,2]},"b":"}],{","c":9007199254740993})", ".c"},
      {R"({"a":"9007199254740993","b":[{"c":"\"]"},9007199254740993]})", ".b[1]"},
  };
  for (const auto& [text, path] : table) {
    auto found = first_inexact(text);
    ASSERT_TRUE(found) << text;
    EXPECT_EQ(found->path, path);
    EXPECT_EQ(found->text, "9007199254740993");
  }
}

TEST(FirstInexact, shows_a_long_number_shortened) {
  auto found = first_inexact(std::string(5000, '9'));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->text.size(), 40U);
  EXPECT_THAT(describe(*found), testing::HasSubstr("beyond 2^53"));
  EXPECT_THAT(describe({".a", "1e1000"}), testing::HasSubstr("large_integers: round"));
}

}  // namespace
}  // namespace pollux::transform
