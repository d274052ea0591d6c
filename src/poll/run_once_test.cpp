// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "poll/run_once_test.hpp"

namespace pollux::poll {
namespace {

using std::chrono::minutes;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST_F(RunOnce, publishes_the_answer_untouched_where_there_is_no_transform) {
  answer_ = "{ \"id\": 9007199254740993,\n \"price\": 12.50 }";
  auto report = run();
  EXPECT_EQ(report.outcome, Outcome::kPublished);
  EXPECT_EQ(published(), answer_);
  EXPECT_TRUE(runner_.inputs.empty());
  auto object = *store_->inner.now("wait.json");
  EXPECT_EQ(object.content_type, "application/json");
  EXPECT_EQ(object.cache_control, "max-age=30");
  EXPECT_THAT(report.message, HasSubstr("wait-times: published public:wait.json"));
}

TEST_F(RunOnce, does_not_write_what_has_not_changed) {
  run();
  auto again = run(kNow + minutes(1));
  EXPECT_EQ(again.outcome, Outcome::kUnchanged);
  EXPECT_EQ(store_->puts, 1);
  EXPECT_EQ(again.record.updated_at, kNow + minutes(1));
}

TEST_F(RunOnce, writes_again_when_only_the_cache_header_changed) {
  run();
  poll_.publish[0].cache = "max-age=60";
  EXPECT_EQ(run().outcome, Outcome::kPublished);
  EXPECT_EQ(store_->puts, 2);
}

TEST_F(RunOnce, writes_again_when_the_store_was_pointed_elsewhere) {
  run();
  store_->where = "another bucket";
  EXPECT_EQ(run().outcome, Outcome::kPublished);
  EXPECT_EQ(store_->puts, 2);
}

TEST_F(RunOnce, keeps_the_last_good_object_when_the_upstream_sends_html) {
  run();
  answer_ = "<!DOCTYPE html><h1>Bad gateway</h1>";
  auto report = run(kNow + minutes(12));
  EXPECT_EQ(report.outcome, Outcome::kKept);
  EXPECT_EQ(published(), R"({"n":1})");
  EXPECT_EQ(report.error->kind, ErrorKind::kMalformed);
  EXPECT_THAT(report.message, HasSubstr("kept the object of 2026-01-02T10:00:00Z (12 min 0 s old)"));
  EXPECT_EQ(record_.updated_at, kNow);
  EXPECT_EQ(record_.checked_at, kNow + minutes(12));
}

TEST_F(RunOnce, says_first_of_all_that_the_egress_proxy_is_unreachable) {
  const std::string what = "the egress proxy 10.0.0.1:3128 could not be reached: refused";
  unanswered_ = Error{ErrorKind::kProxy, what, Retry::later(), {}};
  EXPECT_THAT(run().message, HasSubstr("wait-times: failed: egress proxy unreachable ("));
  unanswered_.reset();
  run();
  unanswered_ = Error{ErrorKind::kProxy, what, Retry::later(), {}};
  auto kept = run(kNow + minutes(1));
  EXPECT_EQ(kept.outcome, Outcome::kKept);
  EXPECT_THAT(kept.message, StartsWith("wait-times: kept: egress proxy unreachable ("));
  EXPECT_THAT(kept.message, HasSubstr(what + "); kept the object of 2026-01-02T10:00:00Z"));
  unanswered_->retry = Retry::never();  // it is there, and says no
  EXPECT_THAT(run(kNow + minutes(2)).message, Not(HasSubstr("unreachable")));
}

TEST_F(RunOnce, says_so_too_of_the_proxy_before_a_store) {
  run();
  answer_ = R"({"n":2})";
  store_->failure =
      Error{ErrorKind::kProxy, "the egress proxy 10.0.0.1:3128 could not be reached", Retry::later(), {}};
  const auto kept = run(kNow + minutes(1));
  EXPECT_EQ(kept.error->kind, ErrorKind::kProxy);
  EXPECT_THAT(kept.message,
              StartsWith("wait-times: kept: egress proxy unreachable (store public: the egress"));
}

TEST_F(RunOnce, fails_where_nothing_was_published_before) {
  status_ = 500;
  auto report = run();
  EXPECT_EQ(report.outcome, Outcome::kFailed);
  EXPECT_THAT(report.message, HasSubstr("nothing was published before"));
  EXPECT_EQ(published(), "(nothing)");
}

TEST_F(RunOnce, gives_the_answers_by_name_to_the_program_with_their_own_digits) {
  config::Step second = poll_.steps[0];
  poll_.steps[0].name = "en";
  second.name = "sp";
  second.expect = config::Format::kText;
  poll_.steps.push_back(second);
  poll_.named_steps = true;
  poll_.transform.jq = ".";
  poll_.vars_json = R"({"a":1})";
  answer_ = "12.50";
  run();
  ASSERT_EQ(runner_.inputs.size(), 1U);
  EXPECT_EQ(runner_.inputs[0], R"({"en":12.50,"sp":"12.50"})");
  EXPECT_EQ(runner_.last.fetched_at, 1'767'348'000);
  EXPECT_EQ(runner_.last.poll, "wait-times");
  EXPECT_EQ(runner_.last.vars_json, R"({"a":1})");
}

TEST_F(RunOnce, fails_a_run_whose_integers_jq_would_change_unless_that_is_allowed) {
  poll_.transform.jq = ".";
  answer_ = R"({"rows":[{"id":9007199254740993}]})";
  auto report = run();
  EXPECT_EQ(report.error->kind, ErrorKind::kInexact);
  EXPECT_THAT(report.message, HasSubstr(".rows[0].id"));
  EXPECT_TRUE(runner_.inputs.empty());
  poll_.transform.round_integers = true;
  EXPECT_EQ(run().outcome, Outcome::kPublished);
}

TEST_F(RunOnce, keeps_when_the_program_fails_or_the_schema_says_no) {
  add_schema(R"({"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]})");
  run();
  answer_ = R"({"n":"one"})";
  auto refused = run();
  EXPECT_EQ(refused.outcome, Outcome::kKept);
  EXPECT_EQ(refused.error->kind, ErrorKind::kRejected);
  EXPECT_EQ(refused.error->where, "check");
  poll_.transform.jq = ".n";
  runner_.program = [](const std::string&) {
    return Result<std::string>(fail(ErrorKind::kTransform, "it ran too long"));
  };
  auto failed = run();
  EXPECT_EQ(failed.outcome, Outcome::kKept);
  EXPECT_EQ(failed.error->where, "transform");
  EXPECT_EQ(published(), R"({"n":1})");
}

TEST_F(RunOnce, never_publishes_a_secret_that_the_upstream_echoes) {
  redactor_.hide(Secret("hunter22-password"));
  answer_ = R"({"you":"Bearer hunter22-password"})";
  auto report = run();
  EXPECT_EQ(report.outcome, Outcome::kFailed);
  EXPECT_EQ(report.error->kind, ErrorKind::kRejected);
  EXPECT_EQ(published(), "(nothing)");
  EXPECT_EQ(report.message.find("hunter22"), std::string::npos);
  EXPECT_THAT(lines_, testing::Each(testing::Not(HasSubstr("hunter22"))));
}

TEST_F(RunOnce, shows_what_came_back_at_debug_also_when_it_is_of_no_use) {
  answer_ = "<!DOCTYPE html><h1>Bad gateway</h1>";
  auto report = run();
  EXPECT_EQ(report.effort.attempts, 1U);
  EXPECT_THAT(lines_, testing::Contains(HasSubstr(
                          "wait-times: 35 bytes of text/plain: <!DOCTYPE html><h1>Bad gateway</h1>")));
}

TEST_F(RunOnce, tries_again_at_the_next_run_when_the_store_refused) {
  store_->failure = Error{ErrorKind::kStorage, "503 SlowDown", Retry::later(), {}};
  auto report = run();
  EXPECT_EQ(report.outcome, Outcome::kFailed);
  EXPECT_THAT(report.message, HasSubstr("store public: 503 SlowDown"));
  store_->failure.reset();
  EXPECT_EQ(run().outcome, Outcome::kPublished);
}

TEST_F(RunOnce, does_not_count_a_run_that_was_stopped_as_a_check) {
  ASSERT_EQ(run().outcome, Outcome::kPublished);
  answer_ = R"({"n":2})";
  store_->failure = Error{ErrorKind::kCanceled, "stopped", Retry::never(), {}};
  EXPECT_EQ(run(kNow + minutes(5)).outcome, Outcome::kSkipped);
  EXPECT_EQ(record_.checked_at, kNow);  // so that the poll is due again after a restart
}

TEST_F(RunOnce, remembers_the_object_that_was_written_before_another_one_failed) {
  auto bad = std::make_unique<FlakyStore>();
  bad->failure = Error{ErrorKind::kForbidden, "403 AccessDenied", Retry::never(), {}};
  stores_.emplace("second", std::move(bad));
  poll_.publish.push_back({"second", "wait.json", "", ""});
  auto report = run();
  EXPECT_EQ(report.outcome, Outcome::kFailed);
  EXPECT_THAT(report.message, HasSubstr("written before: public:wait.json"));
  run();
  EXPECT_EQ(store_->puts, 1);
}

TEST_F(RunOnce, publishes_text_as_it_is_with_the_type_of_its_name_and_never_the_upstreams) {
  poll_.publish[0].path = "wait.csv";
  poll_.steps[0].expect = config::Format::kText;
  answer_ = "a,b\n1,2\n";
  EXPECT_EQ(run().outcome, Outcome::kPublished);
  EXPECT_EQ(store_->inner.now("wait.csv")->content_type, "text/csv; charset=utf-8");
}

TEST_F(RunOnce, never_makes_json_of_a_text_that_is_not_utf8) {
  poll_.steps[0].name = "page";
  poll_.steps[0].expect = config::Format::kText;
  poll_.named_steps = true;
  answer_ = "caf\xe9";
  auto report = run();
  EXPECT_EQ(report.outcome, Outcome::kFailed);
  EXPECT_EQ(report.error->kind, ErrorKind::kMalformed);
  EXPECT_EQ(report.error->where, "page");
  EXPECT_EQ(published(), "(nothing)");
}

TEST_F(RunOnce, checks_a_large_answer_as_it_checks_a_small_one) {
  answer_ = "[\"" + std::string(1 << 20, 'x') + "\"]";
  EXPECT_EQ(run().outcome, Outcome::kPublished);
  answer_.pop_back();
  auto report = run();
  EXPECT_EQ(report.outcome, Outcome::kKept);
  EXPECT_EQ(report.error->kind, ErrorKind::kTruncated);
}

}  // namespace
}  // namespace pollux::poll
