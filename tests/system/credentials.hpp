#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the tests of credentials share: a sample-api that checks them, one upstream with such credentials, and
// a look for the secret wherever a refusal is told.

#include <gmock/gmock.h>

#include "base/encoding.hpp"
#include "tests/system/call_center.hpp"

namespace pollux::test {

class CredentialsTest : public CallCenter {
 protected:
  void SetUp() override { use({}); }

  void use(Words options) {
    api_ = SampleApi(std::move(options));
    variables_ = {
        {"API", api_.url()}, {"SECRET", "sample-client-secret"}, {"REFRESH_TOKEN", "sample-refresh-token"}};
  }

  /// One upstream with these credentials, and a poll for each of these requests.
  void file(const std::string& auth, const Words& requests, const std::string& more = "") {
    std::string yaml = "upstreams:\n  api: { url: \"${API}\", retry: { attempts: 1 }, auth: { " + auth +
                       " }" + more + " }\nlisten: 127.0.0.1:0\npolls:\n";
    for (std::size_t i = 0; i < requests.size(); ++i) {
      yaml += "  p" + std::to_string(i) + ": { every: 1s, fetch: { from: api, " + requests[i] + " } }\n";
    }
    write(yaml);
  }
  /// As before the first run: an object that is recorded as published is not written again.
  void forget() const {
    std::filesystem::remove_all(dir_ / "public");
    std::filesystem::remove_all(dir_ / ".pollux");
  }
  std::string published(int i = 0) const {
    return read_text(dir_ / ("public/p" + std::to_string(i) + ".json"));
  }

  /// The message of the one run, which must have failed; `secret` must be nowhere.
  std::string refusal(const std::string& secret) {
    auto done = once({"--log-level", "debug"});
    EXPECT_EQ(done.exit, 1) << done.out << done.err;
    EXPECT_THAT(done.out + done.err, testing::Not(testing::HasSubstr(secret)));
    for (std::size_t offset = 0; offset < 3; ++offset) {
      const std::string coded = base64(std::string(offset, 'x') + secret);
      EXPECT_THAT(done.out + done.err, testing::Not(testing::HasSubstr(coded.substr(4, coded.size() - 8))));
    }
    return text_of(run_event(done.out), "message");
  }
};

}  // namespace pollux::test
