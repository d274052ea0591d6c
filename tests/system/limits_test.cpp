// SPDX-License-Identifier: Apache-2.0
// Limits against an API that counts for itself: over many polls, restarts and kill -9.
#include <gmock/gmock.h>

#include <random>
#include <thread>

#include "tests/system/call_center.hpp"

namespace pollux::test {
namespace {

using testing::HasSubstr;

class LimitsTest : public CallCenter {
 protected:
  // Polls of one upstream, each of its own object.
  void write_polls(int count, const std::string& every, const std::string& upstream) {
    std::string yaml =
        "log: {format: json}\nlisten: 127.0.0.1:0\nupstreams:\n  api:\n    url: " + api_.url() + "\n" +
        upstream + "polls:\n";
    for (int i = 0; i < count; ++i) {
      const std::string n = std::to_string(i);
      yaml += "  p" + n + ": {every: " + every +
              ", fetch: {from: api, path: /limited/api}, publish: [{to: local, path: " + n + ".json}]}\n";
    }
    write(yaml);
  }
  std::int64_t counted(const char* what) const {
    return api_.limited().at("api").at(what).to_number<std::int64_t>();
  }
};

TEST_F(LimitsTest, are_never_exceeded_by_8_polls_over_10_restarts_with_kill_9_and_yet_are_used) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  api_.limit({{"api", {"12/second", "60/minute", "70/hour sliding"}}});
  // A request that takes longer than the time to the next slot is rightly not sent: sanitizers need longer
  // slots.
  write_polls(8, kSanitized ? "2s" : "200ms", "    limits: [12/second, 60/minute, 70/hour sliding]\n");
  for (int life = 0; life < 10; ++life) {
    auto daemon = run();
    ASSERT_FALSE(daemon->url().empty());
    std::this_thread::sleep_for(
        std::chrono::milliseconds(std::uniform_int_distribution<int>(50, 1500)(random)));
    daemon->process().signal(SIGKILL);
    ASSERT_EQ(daemon->process().wait(), 128 + SIGKILL);
    EXPECT_EQ(counted("violations"), 0) << "life " << life;
  }
  // What the kills left is used by one that lives: how long the others had is chance. Of what was counted
  // and never sent each kill loses at most what is under way, 4.
  auto daemon = run();
  EXPECT_TRUE(eventually([&] { return counted("requests") >= 30; }, std::chrono::seconds(90)))
      << counted("requests");
  EXPECT_EQ(counted("violations"), 0);
  RecordProperty("requests", std::to_string(counted("requests")));
  EXPECT_LE(counted("requests"), 70);
}

TEST_F(LimitsTest, hold_over_runs_of_once_and_say_why_a_poll_was_skipped) {
  api_.limit({{"api", {"3/day"}}});
  write_polls(5, "1m", "    limits: 3/day\n");
  auto first = once();
  EXPECT_EQ(first.exit, 1);
  auto second = once();
  EXPECT_EQ(second.exit, 1);
  EXPECT_EQ(counted("requests"), 3);
  EXPECT_EQ(counted("violations"), 0);
  EXPECT_THAT(second.out, HasSubstr("skipped: not sent: api: 3/day is used up until "));
  for (const auto& event : run_events(second.out)) {
    EXPECT_EQ(text_of(event, "outcome"), "skipped");
    EXPECT_EQ(text_of(event, "reason"), "limited");
  }
}

TEST_F(LimitsTest, are_asked_of_the_api_where_it_knows_better) {
  write_polls(1, "1m", "");
  api_.fault({{"match", "/limited/"}, {"fault", "status"}, {"status", 429}, {"retry_after", "3600"}});
  EXPECT_EQ(once().exit, 1);
  const auto asked = api_.requests();
  EXPECT_EQ(asked, 1);
  api_.heal();
  auto again = once();
  EXPECT_EQ(again.exit, 1) << "it was asked to stay away for an hour, also after a restart";
  EXPECT_THAT(again.out, HasSubstr("(Retry-After)"));
  EXPECT_EQ(api_.requests(), asked);
}

TEST_F(LimitsTest, leave_an_upstream_alone_that_is_down_and_say_so) {
  write_polls(8, "1s",
              "    retry: {attempts: 2, backoff: 1ms..1ms}\n    breaker: {failures: 4, pause: 20s..30s}\n");
  api_.fault({{"match", "/limited/"}, {"fault", "status"}, {"status", 503}});
  auto daemon = run();
  ASSERT_FALSE(daemon->url().empty());
  auto told = [&] {
    return daemon->process().out().find("api is in trouble: 4 failures in a row") != std::string::npos;
  };
  ASSERT_TRUE(eventually(told, std::chrono::seconds(20)));
  auto skipped = [&] {
    return daemon->process().out().find("skipped: not sent: api is in trouble since") != std::string::npos;
  };
  ASSERT_TRUE(eventually(skipped, std::chrono::seconds(20)));
  EXPECT_LE(api_.requests(), 4 + 4) << "what was on its way when it opened, and no more";
}

}  // namespace
}  // namespace pollux::test
