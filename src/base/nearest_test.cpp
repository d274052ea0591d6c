// SPDX-License-Identifier: Apache-2.0
#include "base/nearest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace pollux {
namespace {

const std::vector<std::string> kKeys{"every", "cron", "fetch", "publish", "transform"};

TEST(Nearest, finds_the_word_that_was_meant) {
  EXPECT_EQ(nearest("evry", kKeys), "every");
  EXPECT_EQ(nearest("pubilsh", kKeys), "publish");  // two letters swapped
  EXPECT_EQ(nearest("tranform", kKeys), "transform");
}

TEST(Nearest, finds_nothing_where_nothing_is_near) {
  EXPECT_EQ(nearest("schedule", kKeys), std::nullopt);
  EXPECT_EQ(nearest("", kKeys), std::nullopt);
  EXPECT_EQ(nearest(std::string(100'000, 'x'), kKeys), std::nullopt);
}

}  // namespace
}  // namespace pollux
