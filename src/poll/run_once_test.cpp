// SPDX-License-Identifier: Apache-2.0
#include "poll/run_once.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "tests/support/fake_http_client.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::poll {
namespace {

using net::HttpRequest;
using net::HttpResponse;
using std::chrono::minutes;
using test::response;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const Time kNow = *parse_time("2026-01-02T10:00:00Z");

// A program runner that does what a function says and counts.
class FakeRunner final : public transform::ProgramRunner {
 public:
  std::function<Result<std::string>(std::string)> program = [](std::string input) { return input; };
  std::vector<std::string> inputs;
  transform::Variables last;

  Task<Result<std::string>> run(transform::Program, std::string input,
                                transform::Variables variables) override {
    inputs.push_back(input);
    last = variables;
    co_return program(input);
  }
  Task<Result<std::vector<transform::CompileFault>>> compile(std::string) override {
    co_return std::vector<transform::CompileFault>{};
  }
};

// A store that can be made to fail.
class FlakyStore final : public publish::Store {
 public:
  std::optional<Error> failure;
  int puts = 0;
  test::MemoryStore inner;

  std::string where = "here";
  std::string target() const override { return where; }
  Task<Result<void>> put(publish::Object object) override {
    ++puts;
    if (failure) co_return std::unexpected(*failure);
    co_return co_await inner.put(std::move(object));
  }
  Task<Result<std::optional<publish::Object>>> get(std::string path) override {
    co_return co_await inner.get(std::move(path));
  }
  Task<Result<void>> remove(std::string path) override { co_return co_await inner.remove(std::move(path)); }
};

class RunOnce : public testing::Test {
 protected:
  RunOnce() {
    upstream_.name = "api";
    upstream_.url = "https://api.example.gov";
    upstream_.retry = {1, Millis(1), Millis(1)};
    auto chance = [] { return 0.5; };
    sessions_.emplace("api", std::make_unique<fetch::UpstreamSession>(
                                 upstream_, fetch::SessionParts{client_, clock_, redactor_, chance}));
    auto store = std::make_unique<FlakyStore>();
    store_ = store.get();
    stores_.emplace("public", std::move(store));
    poll_.name = "wait-times";
    config::Step step;
    step.upstream = "api";
    step.path = {{std::string("/wait")}};
    poll_.steps = {step};
    poll_.publish = {{"public", "wait.json", "max-age=30", ""}};
  }

  RunReport run(Time at = kNow) {
    clock_.set(at);
    RunReport report = test::run_task(io_, run_once(stages_, poll_, record_, {at, {}}));
    record_ = report.record;
    return report;
  }
  void add_schema(std::string_view text) {
    schemas_.emplace("wait-times", *check::Schema::compile(text, "wait.schema.json"));
  }
  std::string published() const {
    auto object = store_->inner.now("wait.json");
    return object ? object->body : "(nothing)";
  }

  Result<HttpResponse> answer(const HttpRequest& request) const {
    if (unanswered_) return std::unexpected(*unanswered_);
    bool known = std::ranges::any_of(request.headers, [this](const auto& header) {
      return header.first == "If-None-Match" && header.second == etag_;
    });
    if (known) return response(304, "");
    return response(status_, answer_, {{"Content-Type", "text/plain"}, {"ETag", etag_}});
  }

  std::string answer_ = R"({"n":1})";
  std::string etag_;  // empty: none
  int status_ = 200;
  std::optional<Error> unanswered_;
  asio::io_context io_;
  asio::thread_pool pool_{1};
  FixedClock clock_{kNow};
  Redactor redactor_;
  std::vector<std::string> lines_;
  log::Logger logger_{log::Level::kDebug, log::Logger::Format::kText, redactor_,
                      [this](log::Level, std::string_view line) { lines_.emplace_back(line); }};
  config::Upstream upstream_;
  test::FakeHttpClient client_{[this](const HttpRequest& request) { return answer(request); }};
  fetch::Fetcher::Sessions sessions_;
  fetch::Fetcher fetcher_{sessions_};
  FakeRunner runner_;
  std::map<std::string, check::Schema> schemas_;
  std::map<std::string, std::unique_ptr<publish::Store>> stores_;
  FlakyStore* store_ = nullptr;
  Stages stages_{fetcher_, runner_, schemas_, stores_, redactor_, logger_, clock_, pool_};
  config::Poll poll_;
  Record record_;
};

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
