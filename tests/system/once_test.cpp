// SPDX-License-Identifier: Apache-2.0
// `pollux once`, as cron and CI call it.
#include <gmock/gmock.h>

#include <regex>

#include "base/clock.hpp"
#include "base/units.hpp"
#include "tests/system/call_center.hpp"

namespace pollux::test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class OnceTest : public CallCenter {};

json::value waits_at(std::int64_t timestamp) {
  return {{"call", {{"estimatedWaitTimeSeconds", {{"en", 167}, {"sp", 20}}}}},
          {"chat", {{"estimatedWaitTimeSeconds", {{"en", 45}, {"sp", 8}}}}},
          {"timestamp", timestamp}};
}

std::int64_t unix_seconds() {
  return std::chrono::floor<std::chrono::seconds>(SystemClock().now()).time_since_epoch().count();
}

TEST_F(OnceTest, publishes_the_wait_times_in_the_shape_that_the_page_reads) {
  auto before = unix_seconds();
  auto done = once();
  auto after = unix_seconds();
  ASSERT_EQ(done.exit, 0) << done.out << done.err;
  EXPECT_THAT(done.err, IsEmpty());
  auto published = parsed(object());
  auto timestamp = published.at("timestamp").to_number<std::int64_t>();
  EXPECT_GE(timestamp, before);
  EXPECT_LE(timestamp, after);
  EXPECT_EQ(published, waits_at(timestamp));
  auto event = run_event(done.out);
  EXPECT_EQ(text_of(event, "outcome"), "published");
  EXPECT_EQ(text_of(event, "level"), "info");
  EXPECT_EQ(event.at("bytes_out").to_number<std::size_t>(), object().size());
  EXPECT_EQ(api_.stats().at("tokens"), 1) << "four steps share one token";
  EXPECT_EQ(api_.requests(), 5);
}

TEST_F(OnceTest, gives_the_same_bytes_for_the_same_time) {
  ASSERT_EQ(once({"--at", "2026-01-31T12:00:00Z"}).exit, 0);
  auto first = object();
  auto first_status = read_text(dir_ / kStatus);
  EXPECT_EQ(parsed(first), waits_at(1769860800));
  std::filesystem::remove_all(dir_ / "public");
  std::filesystem::remove_all(dir_ / ".pollux");
  ASSERT_EQ(once({"--at", "2026-01-31T13:00:00+01:00"}).exit, 0);
  EXPECT_EQ(object(), first);
}

TEST_F(OnceTest, takes_a_day_as_its_midnight) {
  ASSERT_EQ(once({"--at", "2026-01-31"}).exit, 0);
  EXPECT_EQ(parsed(object()), waits_at(1769817600));
}

TEST_F(OnceTest, does_not_write_an_object_again_that_is_the_same) {
  replace("timestamp: $fetched_at", "timestamp: 1700000000");
  ASSERT_EQ(once().exit, 0);
  auto written = std::filesystem::last_write_time(dir_ / kObject);
  auto again = once();
  EXPECT_EQ(again.exit, 0);
  EXPECT_EQ(text_of(run_event(again.out), "outcome"), "unchanged");
  EXPECT_EQ(std::filesystem::last_write_time(dir_ / kObject), written);
  EXPECT_EQ(text_of(status(), "state"), "unchanged");
}

TEST_F(OnceTest, writes_a_lost_object_again_when_its_headers_change) {
  replace("timestamp: $fetched_at", "timestamp: 1700000000");
  ASSERT_EQ(once().exit, 0);
  replace("max-age=30", "max-age=31");
  auto again = once();
  EXPECT_EQ(text_of(run_event(again.out), "outcome"), "published") << again.out;
}

TEST_F(OnceTest, keeps_the_object_of_before_when_a_queue_answers_with_an_error_page) {
  ASSERT_EQ(once().exit, 0);
  auto before = object();
  api_.fault({{"match", "/queues/en-queue/mediatypes/chat"}, {"fault", "html"}});
  auto kept = once();
  EXPECT_EQ(kept.exit, 1);
  EXPECT_EQ(object(), before);
  auto event = run_event(kept.out);
  EXPECT_EQ(text_of(event, "level"), "warning");
  EXPECT_EQ(text_of(event, "outcome"), "kept");
  EXPECT_EQ(text_of(event, "reason"), "malformed");
  EXPECT_EQ(text_of(event, "where"), "en_chat");
  EXPECT_THAT(text_of(event, "message"),
              AllOf(HasSubstr("wait-times: en_chat: not JSON: "), HasSubstr("an HTML page"),
                    ContainsRegex("kept the object of 20[0-9-]+T[0-9:]+Z \\([0-9.]+ m?s old\\)")));
}

// A backfill for last year must not make the page believe that the poller has slept for a year, nor one for
// the next that nothing can grow stale.
TEST_F(OnceTest, tells_the_true_age_of_what_is_public_also_under_at) {
  ASSERT_EQ(once({"--at", "2099-01-31T12:00:00Z"}).exit, 0);
  EXPECT_EQ(text_of(status(), "updated_at").substr(0, 2), "20");
  EXPECT_LT(text_of(status(), "updated_at"), "2099");
  api_.fault({{"match", "/chat/"}, {"fault", "status"}, {"status", 500}});
  auto kept = once({"--at", "2019-01-31T14:10:00Z"});
  EXPECT_THAT(text_of(run_event(kept.out), "message"), ContainsRegex("\\([0-9.]+ m?s old\\)"));
}

TEST_F(OnceTest, fails_and_says_so_when_there_is_nothing_to_keep) {
  api_.fault({{"fault", "status"}, {"status", 500}});
  auto failed = once();
  EXPECT_EQ(failed.exit, 1);
  auto event = run_event(failed.out);
  EXPECT_EQ(text_of(event, "outcome"), "failed");
  EXPECT_EQ(text_of(event, "level"), "error");
  EXPECT_THAT(text_of(event, "message"), HasSubstr("nothing was published before"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / kObject));
  EXPECT_EQ(text_of(status(), "state"), "failed");
}

TEST_F(OnceTest, tells_the_public_what_it_needs_in_the_status_object) {
  const std::string begun = format_time(SystemClock().now());
  ASSERT_EQ(once().exit, 0);
  auto good = status();
  const std::string updated = text_of(good, "updated_at");
  EXPECT_EQ(text_of(good, "state"), "published");
  EXPECT_GE(updated, begun);
  EXPECT_EQ(text_of(good, "stale_after"), format_time(*parse_time(updated) + std::chrono::minutes(10)));
  EXPECT_TRUE(good.at("reason").is_null());
  api_.fault({{"match", "/call/"}, {"fault", "html_error"}});
  EXPECT_EQ(once().exit, 1);
  auto kept = status();
  EXPECT_EQ(text_of(kept, "state"), "kept");
  EXPECT_EQ(text_of(kept, "updated_at"), updated);
  EXPECT_GE(text_of(kept, "checked_at"), updated);
  EXPECT_EQ(text_of(kept, "stale_after"), text_of(good, "stale_after"));
  EXPECT_EQ(text_of(kept, "reason"), "the source answered with an error");
}

TEST_F(OnceTest, runs_only_the_polls_that_are_named) {
  replace("polls:\n", "polls:\n  other: { every: 1h, fetch: { from: contact-center, path: /bearer } }\n");
  auto one = once({"other"});
  ASSERT_EQ(one.exit, 0) << one.out << one.err;
  EXPECT_EQ(text_of(run_event(one.out), "poll"), "other");
  EXPECT_EQ(read_text(dir_ / "public/other.json"), R"({"ok":true})");
  EXPECT_FALSE(std::filesystem::exists(dir_ / kObject));
  auto both = once({"other", "wait-times"});
  EXPECT_EQ(both.exit, 0);
  EXPECT_EQ(run_events(both.out).size(), 2U);
}

TEST_F(OnceTest, ends_with_1_when_one_of_several_fails_and_still_runs_the_others) {
  replace("polls:\n", "polls:\n  lost: { every: 1h, fetch: { from: contact-center, path: /nowhere } }\n");
  auto done = once();
  EXPECT_EQ(done.exit, 1);
  EXPECT_EQ(text_of(run_event(done.out, "lost"), "reason"), "status");
  EXPECT_EQ(text_of(run_event(done.out, "wait-times"), "outcome"), "published");
}

TEST_F(OnceTest, tries_again_before_it_gives_up) {
  replace("attempts: 1", "attempts: 3, backoff: 10ms..20ms");
  api_.fault({{"match", "/call/"}, {"fault", "status"}, {"status", 503}, {"times", 2}});
  auto done = once();
  EXPECT_EQ(done.exit, 0) << done.out;
  api_.fault({{"match", "/en-queue/mediatypes/call/"}, {"fault", "status"}, {"status", 503}});
  auto kept = once();
  EXPECT_THAT(text_of(run_event(kept.out), "message"),
              ContainsRegex("en_call: 503 from 127.0.0.1:[0-9]+ after 3 attempts in "));
}

TEST_F(OnceTest, gets_a_new_token_when_the_one_it_holds_is_refused) {
  api_.fault({{"match", "/call/"}, {"fault", "status"}, {"status", 401}, {"times", 1}});
  auto done = once();
  EXPECT_EQ(done.exit, 0) << done.out;
  EXPECT_EQ(api_.stats().at("tokens"), 2);
}

struct WrongCall {
  const char* name;
  Words words;
  const char* said;
};

class OnceWrongly : public CallCenter, public testing::WithParamInterface<WrongCall> {};

TEST_P(OnceWrongly, ends_with_2_and_says_what_was_wrong) {
  auto done = once(GetParam().words);
  EXPECT_EQ(done.exit, 2) << done.out;
  EXPECT_THAT(done.err, HasSubstr(GetParam().said));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "public"));
  EXPECT_EQ(api_.requests(), 0);
}

INSTANTIATE_TEST_SUITE_P(
    , OnceWrongly,
    testing::Values(
        WrongCall{"unknown_poll", {"wait-time"}, "there is no poll wait-time; did you mean wait-times?"},
        WrongCall{"no_time", {"--at", "yesterday"}, "--at yesterday: not a time; write 2026-01-31"},
        WrongCall{"no_such_day", {"--at", "2026-02-30"}, "not a time"},
        WrongCall{"no_such_file", {"-c", "nothing.yaml"}, "nothing.yaml"},
        WrongCall{"no_such_flag", {"--twice"}, "--twice"},
        WrongCall{"no_such_level", {"--log-level", "loud"}, "loud"}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(OnceTest, ends_with_2_and_names_the_place_and_the_nearest_key_for_a_wrong_file) {
  replace("stale_after:", "stale_afer:");
  auto done = once();
  EXPECT_EQ(done.exit, 2);
  EXPECT_THAT(done.err, ContainsRegex("pollux.yaml:[0-9]+:[0-9]+"));
  EXPECT_THAT(done.err,
              AllOf(HasSubstr("stale_afer"), HasSubstr("stale_after"), HasSubstr("1 fault to mend")));
  EXPECT_EQ(api_.requests(), 0);
}

TEST_F(OnceTest, ends_with_2_for_a_program_that_does_not_compile_before_it_asks_anybody) {
  replace("elif .results == [] then null", "elif .results == [] then then null");
  auto done = once();
  EXPECT_EQ(done.exit, 2);
  EXPECT_THAT(done.err, ContainsRegex("pollux.yaml:[0-9]+:[0-9]+.*jq"));
  EXPECT_EQ(api_.requests(), 0);
}

TEST_F(OnceTest, ends_with_1_when_the_state_cannot_be_opened) {
  dir_.write("a-file", "");
  replace("polls:\n", "state: a-file/state.db\npolls:\n");
  auto done = once();
  EXPECT_EQ(done.exit, 1);
  EXPECT_THAT(done.err, HasSubstr("state"));
  EXPECT_EQ(api_.requests(), 0);
}

TEST_F(OnceTest, starts_afresh_and_says_so_in_no_way_that_hides_it_when_the_state_is_garbage) {
  dir_.write(".pollux/state.db", std::string(4096, 'x'));
  auto done = once();
  EXPECT_EQ(done.exit, 1);
  EXPECT_THAT(done.err, AllOf(HasSubstr("state.db"), Not(HasSubstr("bug"))));
}

}  // namespace
}  // namespace pollux::test
