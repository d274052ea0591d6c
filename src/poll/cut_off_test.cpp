// SPDX-License-Identifier: Apache-2.0
// What a run finds that another one had written down and could not finish.
#include <gmock/gmock.h>

#include "poll/incremental_test.hpp"

namespace pollux::poll {
namespace {

using std::chrono::minutes;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class CutOff : public Incremental {};

// Cut off, the cursor taken out of the file, published without it, and put back again.
TEST_F(CutOff, does_not_finish_what_is_older_than_what_is_public) {
  poll_.window.reset();
  {
    Life life = start();
    world_.fate.die_at = 7;  // after the announcement, before the store
    EXPECT_THROW(life.run(), Killed);
    world_.fate.die_at = 0;
  }
  ASSERT_TRUE(world_.kept("pending/log"));
  const auto cursor = std::exchange(poll_.cursor, std::nullopt);
  clock_.advance(minutes(5));
  answer(R"([{"id":77}])");
  Life plain = start();
  EXPECT_EQ(plain.run().outcome, Outcome::kPublished);
  EXPECT_FALSE(world_.kept("pending/log"));
  poll_.cursor = cursor;
  clock_.advance(minutes(5));
  world_.store_failure = Error{ErrorKind::kStorage, "not to be asked", {}, {}};
  Life next = start();
  next.run();
  EXPECT_THAT(ids_of(world_.published()), ElementsAre(77));
}

TEST_F(CutOff, finishes_what_was_begun_though_the_clock_was_set_back) {
  Life first = start();
  EXPECT_EQ(first.run().outcome, Outcome::kPublished);
  clock_.advance(-minutes(60));
  {
    Life life = start();
    world_.fate.steps = 0;
    world_.fate.die_at = 9;  // in the store, after what was written down
    EXPECT_THROW(life.run(), Killed);
    world_.fate.die_at = 0;
  }
  ASSERT_TRUE(world_.kept("pending/log"));
  answer("[]");
  Life next = start();
  next.run();
  EXPECT_THAT(next.lines, Contains(HasSubstr("finished what a run that was cut off had begun")));
  EXPECT_THAT(ids_of(world_.published()), ElementsAre(1, 2, 3, 4));
}

TEST_F(CutOff, is_made_right_by_the_next_run_when_its_end_could_not_be_remembered) {
  Life life = start();
  life.run();
  // From the last commit of the second run on, the disk is full: it has announced and published already.
  world_.fate.steps = 0;
  world_.fate.die_at = 9;  // recall x2 is 4 steps, the upstream 2, the announcement 2
  EXPECT_THROW(life.run(), Killed);
  world_.fate.die_at = 0;
  EXPECT_TRUE(world_.kept("pending/log"));
  clock_.advance(minutes(5));
  Life next = start();
  EXPECT_EQ(next.record.cursor, "2");
  auto report = next.run();
  EXPECT_THAT(
      next.lines,
      Contains(HasSubstr("log: finished what a run that was cut off had begun at 2026-01-02T10:00:00Z")));
  EXPECT_EQ(next.requests().front().url, "https://api.example.gov/log?after=4");
  EXPECT_EQ(report.outcome, Outcome::kPublished);
  EXPECT_THAT(report.written, ElementsAre("public:log.json"));
  EXPECT_THAT(ids_of(world_.published()), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(CutOff, keeps_what_was_begun_while_the_store_is_down) {
  Life life = start();
  world_.fate.die_at = 9;
  EXPECT_THROW(life.run(), Killed);
  world_.fate.die_at = 0;
  world_.store_failure = Error{ErrorKind::kStorage, "503 SlowDown", Retry::later(), {}};
  Life next = start();
  EXPECT_EQ(next.run().outcome, Outcome::kFailed);
  EXPECT_TRUE(next.requests().empty());
  EXPECT_TRUE(world_.kept("pending/log"));
  world_.store_failure.reset();
  next.run();
  EXPECT_THAT(ids_of(world_.published()), ElementsAre(1, 2, 3, 4));
}

TEST_F(CutOff, does_not_finish_what_is_no_longer_allowed) {
  Life life = start();
  world_.fate.die_at = 9;
  EXPECT_THROW(life.run(), Killed);
  world_.fate.die_at = 0;
  Life next = start();
  next.schemas.emplace("log", *check::Schema::compile(R"({"type":"array","minItems":3})", "log.schema.json"));
  auto report = next.run();
  EXPECT_THAT(next.lines, Contains(HasSubstr("its cursor was not moved")));
  EXPECT_EQ(next.requests().front().url, "https://api.example.gov/log");
  EXPECT_EQ(report.outcome, Outcome::kPublished);
  EXPECT_THAT(ids_of(world_.published()), ElementsAre(1, 2, 3, 4));
}

TEST_F(CutOff, lets_go_of_something_begun_that_cannot_be_read) {
  state::Batch batch;
  batch.writes.push_back({"pending/log", "garbage", std::nullopt});
  ASSERT_TRUE(world_.backend.apply(std::span(&batch, 1)).front());
  Life life = start();
  EXPECT_EQ(life.run().outcome, Outcome::kPublished);
  EXPECT_FALSE(world_.kept("pending/log"));
}

TEST_F(CutOff, leaves_what_it_has_begun_to_the_next_run_when_it_is_stopped) {
  Life life = start();
  world_.store_failure = Error{ErrorKind::kCanceled, "stopped", Retry::never(), {}};
  EXPECT_EQ(life.run().outcome, Outcome::kSkipped);
  EXPECT_TRUE(world_.kept("pending/log"));
  world_.store_failure.reset();
  Life next = start();
  next.run();
  EXPECT_THAT(ids_of(world_.published()), ElementsAre(1, 2, 3, 4));
}

}  // namespace
}  // namespace pollux::poll
