// SPDX-License-Identifier: Apache-2.0
#include "tests/system/in_namespaces.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <map>
#include <string>

namespace pollux::test {
namespace {

constexpr const char* kInside = "POLLUX_TEST_INSIDE_NAMESPACES";

}  // namespace

Begun begin_in_namespaces(std::chrono::seconds bound) {
  if (getenv(kInside) != nullptr) return Begun::kInside;
  if (run_program({{"unshare", "-rnm", "true"}, {}, {}}).exit != 0) return Begun::kNotAllowed;
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  const auto* info = testing::UnitTest::GetInstance()->current_test_info();
  const std::string name = std::string(info->test_suite_name()) + "." + info->name();
  std::map<std::string, std::string> variables{{kInside, "1"}};
  if (peers_required()) variables["POLLUX_REQUIRE_PEERS"] = "1";
  auto done = run_program({{"unshare", "-rnm", "sh", "-c", "ip link set lo up && exec \"$0\" \"$@\"", self,
                            "--gtest_filter=" + name},
                           variables,
                           {}},
                          bound);
  EXPECT_EQ(done.exit, 0) << done.out << done.err;
  if (done.exit == 0) {
    EXPECT_THAT(done.out, testing::ContainsRegex("(PASSED|SKIPPED)  *. 1 test"));
  }
  return Begun::kOutside;
}

}  // namespace pollux::test
