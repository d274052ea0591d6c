// SPDX-License-Identifier: Apache-2.0
// What is asked conditionally, and when a run must see the answer again.
#include <gmock/gmock.h>

#include "poll/run_once_test.hpp"

namespace pollux::poll {
namespace {

using std::chrono::minutes;
using testing::HasSubstr;

TEST_F(RunOnce, ends_unchanged_without_transform_or_write_where_the_upstream_says_not_modified) {
  etag_ = "\"v1\"";
  poll_.transform.jq = ".n";
  runner_.program = [](std::string) { return R"({"n":1})"; };
  EXPECT_EQ(run().outcome, Outcome::kPublished);
  auto again = run(kNow + minutes(5));
  EXPECT_EQ(again.outcome, Outcome::kUnchanged);
  EXPECT_THAT(again.message, HasSubstr("wait-times: unchanged (not modified) in"));
  EXPECT_EQ(runner_.inputs.size(), 1U);
  EXPECT_EQ(store_->puts, 1);
  EXPECT_EQ(again.effort.bytes, 0U);
  EXPECT_EQ(again.record.updated_at, kNow + minutes(5)) << "what is public was found good";
  EXPECT_EQ(run(kNow + minutes(10)).outcome, Outcome::kUnchanged) << "and so on";
}

TEST_F(RunOnce, fetches_and_makes_anew_what_is_made_in_another_way) {
  etag_ = "\"v1\"";
  run();
  poll_.vars_json = R"({"a":2})";
  run();
  store_->where = "another bucket";
  EXPECT_EQ(run().outcome, Outcome::kPublished);
  poll_.publish[0].cache = "no-store";
  EXPECT_EQ(run().outcome, Outcome::kPublished);
  poll_.transform.jq = ".";
  run();
  EXPECT_EQ(runner_.inputs.size(), 1U) << "an edited program sees the answer again";
  add_schema(R"({"required":["missing"]})");
  EXPECT_EQ(run().outcome, Outcome::kKept) << "a schema that was added is asked";
  EXPECT_EQ(client_.requests.size(), 6U);
}

TEST_F(RunOnce, never_asks_conditionally_where_the_program_looks_at_the_time) {
  etag_ = "\"v1\"";
  poll_.transform.jq = "{t: $fetched_at}";
  run();
  run();
  EXPECT_EQ(runner_.inputs.size(), 2U);
  EXPECT_TRUE(record_.validators.empty());
}

TEST_F(RunOnce, takes_no_answer_for_known_that_was_not_found_good) {
  etag_ = "\"v1\"";
  run();
  etag_ = "\"v2\"";
  answer_ = "<html>";
  EXPECT_EQ(run().outcome, Outcome::kKept);
  EXPECT_EQ(run().outcome, Outcome::kKept) << "the tag of a bad answer is not asked with";
  etag_ = "\"v1\"";
  answer_ = R"({"n":1})";
  EXPECT_EQ(run().outcome, Outcome::kUnchanged) << "what is public is still what the first tag stands for";
}

TEST_F(RunOnce, fetches_anew_what_was_not_written_everywhere) {
  etag_ = "\"v1\"";
  run();
  etag_ = "\"v2\"";
  answer_ = R"({"n":2})";
  store_->failure = Error{ErrorKind::kStorage, "no", {}, {}};
  EXPECT_EQ(run().outcome, Outcome::kKept);
  store_->failure.reset();
  // The old content is back, but the store may have got the new one before it failed.
  etag_ = "\"v1\"";
  answer_ = R"({"n":1})";
  auto report = run();
  EXPECT_FALSE(report.not_modified);
  EXPECT_EQ(report.outcome, Outcome::kPublished) << "written again: nobody knows what is there";
}

}  // namespace
}  // namespace pollux::poll
