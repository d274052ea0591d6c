#pragma once
// SPDX-License-Identifier: Apache-2.0
// For tests that need a network of their own, as root or with user namespaces.

#include <gtest/gtest.h>

#include <chrono>

#include "tests/support/peers.hpp"

namespace pollux::test {

/// Runs the test that calls it anew, in a user, network and mount namespace of its own, where it may make
/// others.
enum class Begun { kInside, kOutside, kNotAllowed };
/// kInside: go on. kOutside: it has run, and its failures are this one's. kNotAllowed: nothing has run.
Begun begin_in_namespaces(std::chrono::seconds bound = std::chrono::seconds(300));

}  // namespace pollux::test

/// At the start of a test: goes on in namespaces of its own, or ends it.
#define POLLUX_IN_NAMESPACES()                                                                         \
  do {                                                                                                 \
    const auto begun = ::pollux::test::begin_in_namespaces();                                          \
    const bool refused = begun == ::pollux::test::Begun::kNotAllowed;                                  \
    if (refused && ::pollux::test::peers_required()) FAIL() << "no namespaces (unshare -rnm)";         \
    if (refused)                                                                                       \
      GTEST_SKIP() << "namespaces are not allowed here (unshare -rnm): needs root or user namespaces"; \
    if (begun == ::pollux::test::Begun::kOutside) return;                                              \
  } while (false)
