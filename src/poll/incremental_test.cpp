// SPDX-License-Identifier: Apache-2.0
// Cursors and windows: what moves when, and what does not move when something goes wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/units.hpp"
#include "poll/world_test.hpp"

namespace pollux::poll {
namespace {

using std::chrono::minutes;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

const Time kNow = *parse_time("2026-01-02T10:00:00Z");

class Incremental : public testing::Test {
 protected:
  Incremental() { world_.upstream = GrowingLog{6, 2, 100}; }

  void answer(std::string body) {
    world_.upstream = [b = std::move(body)](const net::HttpRequest&) {
      return test::response(200, b, {{"Content-Type", "application/json"}});
    };
  }
  Life start() { return Life(world_, poll_, io_, pool_, clock_); }
  std::string url(Life& life) { return life.requests().back().url; }

  World world_;
  config::Poll poll_ = log_poll(100);
  asio::io_context io_;
  asio::thread_pool pool_{1};
  FixedClock clock_{kNow};
};

TEST_F(Incremental, asks_from_where_the_last_run_ended) {
  Life life = start();
  EXPECT_EQ(life.run().outcome, Outcome::kPublished);
  EXPECT_EQ(url(life), "https://api.example.gov/log");  // no cursor yet: no parameter
  EXPECT_EQ(life.runner.variables.cursor_json, "null");
  EXPECT_EQ(life.run().outcome, Outcome::kPublished);
  EXPECT_EQ(url(life), "https://api.example.gov/log?after=2");
  EXPECT_EQ(life.runner.variables.cursor_json, "2");
  EXPECT_THAT(ids_of(world_.published()), ElementsAre(1, 2, 3, 4));
  Life next = start();  // another process
  next.run();
  EXPECT_EQ(url(next), "https://api.example.gov/log?after=4");
  EXPECT_THAT(ids_of(world_.published()), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_FALSE(world_.kept("pending/log"));
}

TEST_F(Incremental, begins_where_the_file_says) {
  poll_.cursor->start = "3";
  Life life = start();
  life.run();
  EXPECT_EQ(url(life), "https://api.example.gov/log?after=3");
}

TEST_F(Incremental, begins_where_the_file_says_also_when_it_says_so_later) {
  auto log = world_.upstream;
  answer("[]");
  Life life = start();
  life.run();
  world_.upstream = log;
  poll_.cursor->start = "1";
  life.run();
  EXPECT_EQ(url(life), "https://api.example.gov/log?after=1");
}

TEST_F(Incremental, begins_where_the_file_says_now_while_no_run_has_found_anything) {
  auto log = world_.upstream;
  answer("[]");
  poll_.cursor->start = "500";
  Life life = start();
  life.run();
  EXPECT_EQ(life.record.cursor, "");
  world_.upstream = log;
  poll_.cursor->start = "3";
  life.run();
  EXPECT_EQ(url(life), "https://api.example.gov/log?after=3");
}

// Cut off, the cursor taken out of the file, published without it, and put back again.
TEST_F(Incremental, does_not_finish_what_is_older_than_what_is_public) {
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

TEST_F(Incremental, finishes_what_was_begun_though_the_clock_was_set_back) {
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

TEST_F(Incremental, stays_where_it_is_when_nothing_new_came) {
  Life life = start();
  life.run();
  std::string before = world_.published();
  answer("[]");
  EXPECT_EQ(life.run().outcome, Outcome::kUnchanged);
  EXPECT_EQ(world_.published(), before);
  EXPECT_EQ(life.record.cursor, "2");
  EXPECT_EQ(world_.bodies.size(), 1U);
}

TEST_F(Incremental, moves_nothing_when_the_store_refuses) {
  Life life = start();
  life.run();
  std::string window = *world_.kept("window/log");
  world_.store_failure = Error{ErrorKind::kStorage, "503 SlowDown", Retry::later(), {}};
  EXPECT_EQ(life.run().outcome, Outcome::kKept);
  EXPECT_EQ(life.record.cursor, "2");
  EXPECT_EQ(world_.kept("window/log"), window);
  EXPECT_FALSE(world_.kept("pending/log"));
  world_.store_failure.reset();
  EXPECT_EQ(life.run().outcome, Outcome::kPublished);
  EXPECT_EQ(url(life), "https://api.example.gov/log?after=2");
  EXPECT_THAT(ids_of(world_.published()), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(Incremental, publishes_nothing_that_could_not_be_written_down_before) {
  world_.state_failure = Error{ErrorKind::kState, "disk full", Retry::later(), {}};
  Life life = start();
  auto report = life.run();
  EXPECT_EQ(report.outcome, Outcome::kFailed);
  EXPECT_THAT(report.message, HasSubstr("disk full"));
  EXPECT_EQ(world_.published(), "(nothing)");
}

TEST_F(Incremental, publishes_what_has_no_history_though_nothing_can_be_written_down_and_says_so) {
  poll_.window.reset();
  poll_.cursor.reset();
  answer("[7]");
  world_.state_failure = Error{ErrorKind::kState, "disk full", Retry::later(), {}};
  Life life = start();
  EXPECT_EQ(life.run().outcome, Outcome::kPublished);
  EXPECT_EQ(world_.published(), "[7]");
  EXPECT_THAT(life.lines,
              Contains(HasSubstr("log: that something is about to be published could not be written "
                                 "down: disk full")));
}

TEST_F(Incremental, is_made_right_by_the_next_run_when_its_end_could_not_be_remembered) {
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

TEST_F(Incremental, keeps_what_was_begun_while_the_store_is_down) {
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

TEST_F(Incremental, does_not_finish_what_is_no_longer_allowed) {
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

TEST_F(Incremental, lets_go_of_something_begun_that_cannot_be_read) {
  state::Batch batch;
  batch.writes.push_back({"pending/log", "garbage", std::nullopt});
  ASSERT_TRUE(world_.backend.apply(std::span(&batch, 1)).front());
  Life life = start();
  EXPECT_EQ(life.run().outcome, Outcome::kPublished);
  EXPECT_FALSE(world_.kept("pending/log"));
}

TEST_F(Incremental, leaves_what_it_has_begun_to_the_next_run_when_it_is_stopped) {
  Life life = start();
  world_.store_failure = Error{ErrorKind::kCanceled, "stopped", Retry::never(), {}};
  EXPECT_EQ(life.run().outcome, Outcome::kSkipped);
  EXPECT_TRUE(world_.kept("pending/log"));
  world_.store_failure.reset();
  Life next = start();
  next.run();
  EXPECT_THAT(ids_of(world_.published()), ElementsAre(1, 2, 3, 4));
}

TEST_F(Incremental, judges_the_whole_window) {
  Life life = start();
  life.schemas.emplace("log", *check::Schema::compile(R"({"type":"array","maxItems":3})", "log.schema.json"));
  EXPECT_EQ(life.run().outcome, Outcome::kPublished);
  auto report = life.run();
  EXPECT_EQ(report.outcome, Outcome::kKept);
  EXPECT_EQ(report.error->where, "check");
  EXPECT_EQ(life.record.cursor, "2");
  EXPECT_THAT(ids_of(world_.published()), ElementsAre(1, 2));
}

TEST_F(Incremental, fails_on_integers_that_jq_would_change_also_for_the_cursor_alone) {
  answer(R"([{"id":9007199254740993}])");
  Life life = start();
  auto report = life.run();
  EXPECT_EQ(report.error->kind, ErrorKind::kInexact);
  EXPECT_EQ(report.error->where, "cursor");
  EXPECT_EQ(life.record.cursor, "");
}

TEST_F(Incremental, takes_a_text_as_a_row) {
  poll_.cursor.reset();
  poll_.steps[0].query.clear();
  poll_.steps[0].expect = config::Format::kText;
  answer("up\n");
  Life life = start();
  life.run();
  EXPECT_EQ(world_.published(), R"(["up\n"])");
}

TEST_F(Incremental, remembers_nothing_without_a_keeper_and_still_works) {
  Life life = start();
  life.stages.keeper = nullptr;
  EXPECT_EQ(life.run().outcome, Outcome::kPublished);
  EXPECT_THAT(ids_of(world_.published()), ElementsAre(1, 2));
}

TEST(Complaint, dlt_1786_an_error_with_status_200_was_taken_for_data_and_moved_the_cursor) {
  World world;
  asio::io_context io;
  asio::thread_pool pool(1);
  FixedClock clock(kNow);
  config::Poll poll = log_poll(100);
  poll.window->key = {"id"};
  world.upstream = GrowingLog{6, 2, 100};
  Life life(world, poll, io, pool, clock);
  ASSERT_EQ(life.run().outcome, Outcome::kPublished);
  std::string good = world.published();
  // An object instead of a list, a list of something else, and a list with rows that have no id.
  for (auto body : {R"({"error":"quota exceeded","id":99})", R"([{"error":"quota exceeded","id":null}])",
                    R"([{"id":[]}])", R"({"id":"99"})"}) {
    world.upstream = [body](const net::HttpRequest&) {
      return test::response(200, body, {{"Content-Type", "application/json"}});
    };
    EXPECT_EQ(life.run().outcome, Outcome::kKept) << body;
    EXPECT_EQ(life.record.cursor, "2") << body;
    EXPECT_EQ(world.published(), good) << body;
    EXPECT_EQ(world.kept("window/log"), good) << body;
  }
}

TEST(Complaint, coronadatascraper_315_a_dead_source_put_zeros_in_the_place_of_good_data) {
  World world;
  asio::io_context io;
  asio::thread_pool pool(1);
  FixedClock clock(kNow);
  config::Poll poll = log_poll(0);
  poll.cursor.reset();
  poll.steps[0].query.clear();
  world.upstream = GrowingLog{2, 2, 100};
  Life life(world, poll, io, pool, clock);
  life.schemas.emplace("log", *check::Schema::compile(
                                  R"({"type":"array","minItems":1,
                                      "items":{"required":["id"],"properties":{"id":{"minimum":1}}}})",
                                  "log.schema.json"));
  ASSERT_EQ(life.run().outcome, Outcome::kPublished);
  std::string good = world.published();
  for (auto body : {"[]", "{}", R"([{"id":0},{"id":0}])", "[{}]", "null"}) {
    world.upstream = [body](const net::HttpRequest&) {
      return test::response(200, body, {{"Content-Type", "application/json"}});
    };
    EXPECT_EQ(life.run().outcome, Outcome::kKept) << body;
    EXPECT_EQ(world.published(), good) << body;
  }
}

}  // namespace
}  // namespace pollux::poll
