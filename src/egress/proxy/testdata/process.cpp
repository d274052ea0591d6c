// SPDX-License-Identifier: Apache-2.0
// As the program's main() has it: a peer that hangs up is an error of its write, not the end of the process.
#include <gtest/gtest.h>

#include <csignal>

namespace pollux::egress {
namespace {

class Process final : public testing::Environment {
 public:
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }
};

[[maybe_unused]] const auto* const kProcess = testing::AddGlobalTestEnvironment(new Process);

}  // namespace
}  // namespace pollux::egress
