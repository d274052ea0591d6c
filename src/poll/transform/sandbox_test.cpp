// SPDX-License-Identifier: Apache-2.0
#include "poll/transform/sandbox.hpp"

#include <cstdio>

#include "poll/transform/worker_pool_test.hpp"

namespace pollux::transform {
namespace {

TEST(Sandbox, leaves_a_worker_no_way_out) {
  FILE* pipe = popen(TRANSFORM_WORKER " probe", "r");
  ASSERT_NE(pipe, nullptr);
  std::string told;
  for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) told += static_cast<char>(c);
  EXPECT_EQ(pclose(pipe), 0);
  if (told == "no seccomp here\n") GTEST_SKIP() << "this kernel installs no seccomp filter";
  EXPECT_EQ(told,
            "open: EPERM\nsocket: EPERM\nsocketpair: EPERM\nconnect: EPERM\nfork: EPERM\nexecve: "
            "EPERM\nkill: EPERM\n"
            "unlink: EPERM\nexecutable memory: EPERM\nmemory: allowed\n");
}

TEST_F(WorkerPoolTest, tells_that_its_workers_have_a_filter) {
  EXPECT_EQ(value("1"), "1");
  FILE* pipe = popen(TRANSFORM_WORKER " probe", "r");
  ASSERT_NE(pipe, nullptr);
  bool none = fgetc(pipe) == 'n';
  pclose(pipe);
  EXPECT_EQ(pool_.stats()[0].no_seccomp.empty(), !none);
}

}  // namespace
}  // namespace pollux::transform
