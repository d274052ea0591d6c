// SPDX-License-Identifier: Apache-2.0
#include "base/counted.hpp"

#include <gtest/gtest.h>

namespace pollux {
namespace {

TEST(Counted, is_singular_for_one_alone) {
  EXPECT_EQ(counted(0, "poll"), "0 polls");
  EXPECT_EQ(counted(1, "poll"), "1 poll");
  EXPECT_EQ(counted(13'974, "poll"), "13974 polls");
}

}  // namespace
}  // namespace pollux
