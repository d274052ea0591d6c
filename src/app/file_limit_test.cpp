// SPDX-License-Identifier: Apache-2.0
#include "app/file_limit.hpp"

#include <gtest/gtest.h>

#include "egress/tunnel/pipes.hpp"

namespace pollux::app {
namespace {

TEST(FileLimit, takes_no_more_connections_than_have_their_files) {
  EXPECT_EQ(files_for(10'000), 20'500U);
  EXPECT_EQ(connections_within(20'500, 10'000), 10'000U);
  EXPECT_EQ(connections_within(20'498, 10'000), 9'999U);
  EXPECT_EQ(connections_within(1'000'000, 10'000), 10'000U);
  EXPECT_EQ(connections_within(600, 100), 50U);
  for (std::size_t files : {0U, 256U, 500U, 501U}) EXPECT_EQ(connections_within(files, 100), 1U) << files;
}

TEST(FileLimit, leaves_files_for_all_pipes_and_more) { EXPECT_GE(kOtherFiles, 2 * egress::kMostPipes + 200); }

TEST(FileLimit, raises_the_soft_limit_to_the_hard_one) {
  const std::size_t files = raise_file_limit();
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
  EXPECT_EQ(files, limit.rlim_max);
}

}  // namespace
}  // namespace pollux::app
