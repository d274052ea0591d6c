// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/validators.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pollux::fetch {
namespace {

net::HttpResponse answer(net::Headers headers) { return {200, std::move(headers), "{}"}; }

config::Poll poll(std::string jq = "") {
  config::Poll out;
  out.steps.resize(2);
  out.steps[0].name = "a";
  out.steps[1].name = "b";
  out.transform.jq = std::move(jq);
  return out;
}

TEST(Validators, are_what_the_answer_says_where_it_can_be_sent_back) {
  auto found = validator_of(answer({{"ETag", "W/\"v1\""},
                                    {"Last-Modified", "Fri, 02 Jan 2026 09:00:00 GMT"},
                                    {"Date", "Fri, 02 Jan 2026 09:00:01 GMT"}}),
                            "q");
  EXPECT_EQ(found, (Validator{"W/\"v1\"", "Fri, 02 Jan 2026 09:00:00 GMT", "q"}));
  EXPECT_FALSE(validator_of(answer({}), "q"));
  for (const char* bad : {"v1", "\"v1", "\"a\"b\"", "\"a b\"", "\"\xFF\"", "\"\r\nX: y\"", "\""})
    EXPECT_FALSE(validator_of(answer({{"ETag", bad}}), "q")) << bad;
}

TEST(Validators, do_not_trust_a_date_of_the_very_second_of_the_answer) {
  auto of = [](const char* modified, const char* date) {
    return validator_of(answer({{"Last-Modified", modified}, {"Date", date}}), "q").has_value();
  };
  EXPECT_TRUE(of("Fri, 02 Jan 2026 09:00:00 GMT", "Fri, 02 Jan 2026 09:00:01 GMT"));
  EXPECT_FALSE(of("Fri, 02 Jan 2026 09:00:00 GMT", "Fri, 02 Jan 2026 09:00:00 GMT"));
  EXPECT_FALSE(of("Fri, 02 Jan 2026 09:00:00 GMT", ""));
  EXPECT_FALSE(of("yesterday", "Fri, 02 Jan 2026 09:00:00 GMT"));
}

TEST(Validators, are_for_polls_whose_result_depends_on_the_answers_alone) {
  EXPECT_TRUE(may_ask_conditionally(poll()));
  EXPECT_TRUE(may_ask_conditionally(poll(".known | nowhere")));
  for (const char* program : {"{t: $fetched_at}", "now", "[., (now|todate)]", "$__loc__ | now"})
    EXPECT_FALSE(may_ask_conditionally(poll(program))) << program;
  config::Poll gathers = poll();
  gathers.window = config::Window{};
  EXPECT_FALSE(may_ask_conditionally(gathers));
  config::Poll moves = poll();
  moves.cursor = config::Cursor{};
  EXPECT_FALSE(may_ask_conditionally(moves));
}

TEST(Validators, are_for_steps_that_can_say_it_for_themselves) {
  for (int what = 0; what < 4; ++what) {
    config::Poll one = poll();
    config::Step& step = one.steps[1];
    if (what == 0) step.conditional = false;
    if (what == 1) step.pages = config::Pages{};
    if (what == 2) step.after = {0};
    if (what == 3) step.method = config::Method::kPost;
    EXPECT_FALSE(may_ask_conditionally(one)) << what;
  }
}

TEST(Validators, belong_to_one_question) {
  config::Upstream upstream;
  upstream.headers = {{"X-Key", Secret("s1")}};
  net::HttpRequest request;
  request.url = "http://a/x";
  request.headers = {{"X-Key", "s1"}, {"X-Lang", "en"}};
  const std::string same = question_of(upstream, request);
  net::HttpRequest other = request;
  other.headers[0].second = "s2";
  EXPECT_NE(question_of(upstream, other), same) << "another tenant may see something else";
  other = request;
  other.headers[1].second = "de";
  EXPECT_NE(question_of(upstream, other), same);
  other = request;
  other.url = "http://a/y";
  EXPECT_NE(question_of(upstream, other), same);
  upstream.auth = config::BasicAuth{"somebody", Secret("p")};
  const std::string somebody = question_of(upstream, request);
  EXPECT_NE(somebody, same) << "somebody else may see something else";
  upstream.auth = config::BasicAuth{"somebody", Secret("q")};
  EXPECT_EQ(question_of(upstream, request), somebody) << "a new password does not change who asks";
  upstream.auth = config::BearerAuth{Secret("t1")};
  const std::string bearer = question_of(upstream, request);
  upstream.auth = config::BearerAuth{Secret("t2")};
  EXPECT_NE(question_of(upstream, request), bearer);
  EXPECT_THAT(bearer, testing::MatchesRegex("[0-9a-f]{64}")) << "no token in the state";
}

}  // namespace
}  // namespace pollux::fetch
