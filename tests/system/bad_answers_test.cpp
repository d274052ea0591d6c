// SPDX-License-Identifier: Apache-2.0
// Promise 1, no garbage: whatever the upstream answers, what is public is the last good object, byte for
// byte.
#include <gmock/gmock.h>

#include <set>

#include "tests/system/call_center.hpp"

namespace pollux::test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

struct BadAnswer {
  const char* fault;
  const char* reason;  // the error's kind in the log
  const char* where = "en_call";
  const char* said = "";  // stands in the message
};

// What each fault of sample-api must be taken for. One that is not here or in kStillGood fails a test below.
constexpr BadAnswer kBad[] = {
    {"status", "status", "en_call", "503"},
    {"html_error", "status", "en_call", "502"},
    {"echo_secret", "status", "en_call", "400"},
    {"no_content", "malformed", "en_call", "empty"},
    {"not_modified", "status", "en_call", "304"},
    {"partial", "truncated", "en_call", "206"},
    {"redirect_elsewhere", "redirect", "en_call", "another host"},
    {"redirect_loop", "redirect", "en_call", "more than"},
    {"html", "malformed", "en_call", "HTML"},
    {"html_as_json", "malformed", "en_call", "HTML"},
    {"error_200", "transform", "transform", "no list of results"},
    {"missing_field", "transform", "transform", "no number"},
    {"wrong_type", "transform", "transform", "no number"},
    {"negative", "rejected", "check", "wait-times.schema.json"},
    {"fraction", "rejected", "check", "wait-times.schema.json"},
    {"big_integer", "inexact", "transform", ".en_call.results[0].estimatedWaitTimeSeconds"},
    {"huge_number", "inexact", "transform", ".en_call.results[0].estimatedWaitTimeSeconds"},
    {"nan", "malformed", "en_call", "NaN"},
    {"null", "transform", "transform"},
    {"top_level_list", "transform", "transform"},
    {"top_level_text", "transform", "transform"},
    {"empty_body", "malformed", "en_call", "empty"},
    {"cut_json", "truncated", "en_call", "ends in the middle"},
    {"trailing_comma", "malformed", "en_call", "comma"},
    {"json_then_garbage", "malformed", "en_call", "something follows"},
    {"two_documents", "malformed", "en_call", "something follows"},
    {"not_utf8", "malformed", "en_call", "UTF-8"},
    {"deep_nesting", "malformed", "en_call", "nested"},
    {"bad_gzip", "malformed", "en_call", "unpacked"},
    {"truncated_gzip", "truncated", "en_call"},
    {"unknown_encoding", "malformed", "en_call", "unpacked"},
    {"gzip_bomb", "too_large", "en_call", "larger than 1 MiB"},
    {"huge", "too_large", "en_call", "larger than 1 MiB"},
    {"truncate", "truncated", "en_call", "less than it announced"},
    {"reset", "network", "en_call"},
    {"reset_at_once", "network", "en_call"},
    {"close_at_once", "network", "en_call"},
    {"stall", "timeout", "en_call", "too long"},
    {"delay", "timeout", "en_call", "too long"},
    {"silence", "timeout", "en_call", "too long"},
    {"slow_drip", "timeout", "en_call", "too long"},
    {"truncate_chunked", "truncated", "en_call"},
    {"bad_chunk", "network", "en_call"},
    {"bad_status_line", "malformed", "en_call", "HTTP"},
    {"not_http", "malformed", "en_call", "HTTP"},
    {"bad_length", "malformed", "en_call", "HTTP"},
    {"huge_header", "too_large", "en_call", "headers"},
};

// An idle queue has an empty list, and no wait time: the answer is right. A byte order mark says what the
// answer is written in.
constexpr const char* kStillGood[] = {"empty_list", "bom", "utf16"};

// A rule for the one step en_call. A pause is longer than any timeout of the test's file.
json::value rule(const std::string& fault) {
  return {{"match", "/en-queue/mediatypes/call/"}, {"fault", fault}, {"delay_ms", 60000}, {"bytes", 3 << 20}};
}

class BadAnswersTest : public CallCenter {
 protected:
  void SetUp() override {
    CallCenter::SetUp();
    // Time enough for a good answer of a program that sanitizers slow down.
    const std::string total = kSanitized ? "6s" : "2s";
    replace("timeout: 10s",
            "timeout: { connect: 5s, total: " + total + ", stall: 1s }\n    max_answer: 1MiB");
  }

  void good_run() {
    api_.heal();
    auto good = once();
    ASSERT_EQ(good.exit, 0) << good.out << good.err;
    ASSERT_EQ(text_of(run_event(good.out), "outcome"), "published");
  }

  void expect_safe_for_the_public() const {
    auto text = read_text(dir_ / kStatus);
    for (const char* told : {"127.0.0.1", "localhost", "http", "en_call", "queue", "contact", "transform",
                             "jq", "schema", "results", "elsewhere", "byte", "line"}) {
      EXPECT_THAT(text, Not(HasSubstr(told)));
    }
    EXPECT_THAT(text, Not(HasSubstr(api_.address().substr(api_.address().find(':') + 1))));
    auto kept = status();
    EXPECT_EQ(text_of(kept, "state"), "kept");
    EXPECT_THAT(text_of(kept, "reason"), ContainsRegex("^the (source|data) [a-z ]+$"));
    EXPECT_GE(text_of(kept, "checked_at"), text_of(kept, "updated_at"));
  }
};

class BadAnswersKept : public BadAnswersTest, public testing::WithParamInterface<BadAnswer> {};

TEST_P(BadAnswersKept, keeps_the_last_good_object_byte_for_byte_and_says_why) {
  const BadAnswer& bad = GetParam();
  good_run();
  auto before = object();
  auto headers = read_text(dir_ / "public/.pollux/1.0/waittime.json.headers");
  ASSERT_FALSE(headers.empty());
  api_.fault(rule(bad.fault));
  auto kept = once();
  EXPECT_EQ(kept.exit, 1) << kept.out << kept.err;
  EXPECT_EQ(object(), before);
  EXPECT_EQ(read_text(dir_ / "public/.pollux/1.0/waittime.json.headers"), headers);
  EXPECT_NE(api_.stats().at("faults"), 0) << "the fault never happened";
  auto event = run_event(kept.out);
  EXPECT_EQ(text_of(event, "outcome"), "kept");
  EXPECT_EQ(text_of(event, "reason"), bad.reason);
  EXPECT_EQ(text_of(event, "where"), bad.where);
  EXPECT_THAT(text_of(event, "message"), HasSubstr(bad.said));
  EXPECT_THAT(text_of(event, "message"), ContainsRegex("; kept the object of [^ ]+ \\(.* old\\)$"));
  expect_safe_for_the_public();
  // It was the fault alone: the next good answer is published again.
  api_.heal();
  EXPECT_EQ(once().exit, 0);
}

INSTANTIATE_TEST_SUITE_P(, BadAnswersKept, testing::ValuesIn(kBad),
                         [](const auto& tested) { return tested.param.fault; });

class BadAnswersStillGood : public BadAnswersTest, public testing::WithParamInterface<const char*> {};

TEST_P(BadAnswersStillGood, publishes_what_is_right) {
  good_run();
  api_.fault(rule(GetParam()));
  auto done = once();
  EXPECT_EQ(done.exit, 0) << done.out;
  EXPECT_EQ(api_.stats().at("faults"), 1);
  auto waits = parsed(object());
  const bool idle = GetParam() == std::string("empty_list");
  EXPECT_EQ(waits.at("call").at("estimatedWaitTimeSeconds").at("en").is_null(), idle);
  EXPECT_EQ(waits.at("call").at("estimatedWaitTimeSeconds").at("sp"), 20);
}

INSTANTIATE_TEST_SUITE_P(, BadAnswersStillGood, testing::ValuesIn(kStillGood),
                         [](const auto& tested) { return tested.param; });

TEST_F(BadAnswersTest, are_all_of_which_the_sample_api_knows) {
  std::set<std::string> listed(std::begin(kStillGood), std::end(kStillGood));
  for (const BadAnswer& bad : kBad)
    EXPECT_TRUE(listed.insert(bad.fault).second) << bad.fault << " stands twice";
  auto names = api_.faults();
  EXPECT_EQ(listed, std::set<std::string>(names.begin(), names.end()));
  EXPECT_GE(std::size(kBad), 25U);
}

// The token endpoint can lie too.
class BadAnswersForTheToken : public BadAnswersTest, public testing::WithParamInterface<BadAnswer> {};

TEST_P(BadAnswersForTheToken, keeps_the_last_good_object) {
  good_run();
  auto before = object();
  api_.fault(
      {{"match", "/oauth/token"}, {"fault", GetParam().fault}, {"delay_ms", 60000}, {"bytes", 3 << 20}});
  auto kept = once();
  EXPECT_EQ(kept.exit, 1);
  EXPECT_EQ(object(), before);
  auto event = run_event(kept.out);
  EXPECT_EQ(text_of(event, "reason"), GetParam().reason) << text_of(event, "message");
  EXPECT_EQ(text_of(event, "where"), GetParam().where);
  EXPECT_THAT(text_of(event, "message"), HasSubstr("token"));
  expect_safe_for_the_public();
}

constexpr BadAnswer kBadTokens[] = {
    {"status", "status"},        {"html", "malformed"},         {"error_200", "malformed"},
    {"empty_body", "malformed"}, {"cut_json", "malformed"},     {"null", "malformed"},
    {"truncate", "truncated"},   {"silence", "timeout"},        {"huge", "too_large"},
    {"reset", "network"},        {"redirect_loop", "redirect"}, {"redirect_elsewhere", "redirect"},
};

INSTANTIATE_TEST_SUITE_P(, BadAnswersForTheToken, testing::ValuesIn(kBadTokens),
                         [](const auto& tested) { return tested.param.fault; });

}  // namespace
}  // namespace pollux::test
