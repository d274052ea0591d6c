// SPDX-License-Identifier: Apache-2.0
// Cursors and windows: what moves when, and what does not move when something goes wrong.
#include <gmock/gmock.h>

#include "poll/incremental_test.hpp"

namespace pollux::poll {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

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
