#pragma once
// SPDX-License-Identifier: Apache-2.0
// Programs of Debian that tests talk to (`./dev` installs them): where one is not there, its tests are
// skipped with a sentence, or fail where POLLUX_REQUIRE_PEERS=1 says that all must be there.

#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

#include "tests/support/process.hpp"

namespace pollux::test {

inline bool peers_required() {
  const char* required = getenv("POLLUX_REQUIRE_PEERS");
  return required != nullptr && std::string_view(required) == "1";
}

}  // namespace pollux::test

/// At the start of a test or of SetUp(): ends it where the program is not installed.
#define POLLUX_NEEDS_PROGRAM(name)                                                               \
  do {                                                                                           \
    const bool installed = ::pollux::test::find_program(name).has_value();                       \
    if (!installed && ::pollux::test::peers_required()) FAIL() << (name) << " is not installed"; \
    if (!installed) GTEST_SKIP() << (name) << " is not installed: nothing real to test against"; \
  } while (false)
