#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the tests of `pollux record` and `pollux test` share.

#include <utility>

#include "tests/system/call_center.hpp"

namespace pollux::test {

class FixturesTest : public CallCenter {
 protected:
  static constexpr const char* kFolder = "fixtures/wait-times/recorded";

  Finished record(Words words = {}) const {
    words.insert(words.begin(), "record");
    return pollux(std::move(words));
  }

  /// On a machine that knows nothing: no variable set, and no API that answers.
  Finished test_alone(Words words = {}) {
    words.insert(words.begin(), "test");
    auto held = std::exchange(variables_, {});
    auto done = pollux(std::move(words));
    variables_ = std::move(held);
    return done;
  }

  std::string file(const std::string& name) const { return read_text(dir_ / kFolder / name); }
};

}  // namespace pollux::test
