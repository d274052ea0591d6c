// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/limited.hpp"

#include <gtest/gtest.h>

namespace pollux::sample_api {
namespace {

using std::chrono::seconds;

struct Fixture {
  int ask() {
    net::ServerRequest request;
    request.path = "/limited/api";
    return endpoints.answer(request).status;
  }
  FixedClock clock{Time(seconds(1'767'225'600))};
  LimitedEndpoints endpoints{clock};
};

TEST(LimitedEndpoints, refuse_one_over_a_fixed_window_and_remember_it) {
  Fixture f;
  ASSERT_TRUE(f.endpoints.set(R"({"api": ["2/minute"]})"));
  f.clock.advance(seconds(59));
  EXPECT_EQ(f.ask(), 200);
  EXPECT_EQ(f.ask(), 200);
  EXPECT_EQ(f.ask(), 429);
  f.clock.advance(seconds(1));
  EXPECT_EQ(f.ask(), 200);
  EXPECT_EQ(f.endpoints.tell(), R"({"api":{"requests":4,"violations":1}})");
}

TEST(LimitedEndpoints, refuse_one_over_a_sliding_window) {
  Fixture f;
  ASSERT_TRUE(f.endpoints.set(R"({"api": ["9/second", "1/minute sliding"]})"));
  EXPECT_EQ(f.ask(), 200);
  f.clock.advance(seconds(60));
  EXPECT_EQ(f.ask(), 429);
  f.clock.advance(seconds(61));
  EXPECT_EQ(f.ask(), 200);
}

TEST(LimitedEndpoints, take_any_number_where_nothing_is_set_and_only_what_is_a_limit) {
  Fixture f;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(f.ask(), 200);
  for (const char* bad :
       {"", "[]", R"({"a": "1/day"})", R"({"a": ["0/day"]})", R"({"a": ["1/week"]})", R"({"a": [1]})"})
    EXPECT_FALSE(f.endpoints.set(bad)) << bad;
}

}  // namespace
}  // namespace pollux::sample_api
