// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/fetcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "tests/support/fake_http_client.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::fetch {
namespace {

using config::Template;
using net::HttpRequest;
using test::response;

Template text(std::string literal) { return {{std::move(literal)}}; }

config::Step step(std::string name, Template path, std::vector<std::size_t> after = {}) {
  config::Step out;
  out.name = std::move(name);
  out.upstream = "api";
  out.path = std::move(path);
  out.after = std::move(after);
  return out;
}

struct Fixture {
  explicit Fixture(test::FakeHttpClient::Answer answer) : client(std::move(answer)) {
    upstream.name = "api";
    upstream.url = "http://api.test/base";
    upstream.retry = {1, Millis(1), Millis(1)};
    sessions.emplace("api", std::make_unique<UpstreamSession>(
                                upstream, SessionParts{client, clock, redactor, [] { return 0.5; }}));
  }
  Result<std::vector<Answer>> fetch(std::vector<config::Step> steps) {
    config::Poll poll;
    poll.name = "p";
    poll.steps = std::move(steps);
    poll.named_steps = true;
    Asked asked;
    auto fetched = test::run_task(io, Fetcher(sessions).fetch(poll, asked, effort));
    if (!fetched) return std::unexpected(fetched.error());
    return std::move(fetched->answers);
  }
  Effort effort;
  asio::io_context io;
  SystemClock clock;
  Redactor redactor;
  config::Upstream upstream;
  test::FakeHttpClient client;
  Fetcher::Sessions sessions;
};

TEST(Fetcher, runs_independent_steps_side_by_side_and_keeps_the_order_of_the_file) {
  Fixture f([](const HttpRequest& r) { return response(200, "\"" + r.url + "\""); });
  auto fetched = f.fetch({step("a", text("/1")), step("b", text("/2")), step("c", text("/3"))});
  ASSERT_TRUE(fetched);
  EXPECT_EQ(f.client.most_in_flight, 3);
  EXPECT_EQ(fetched->at(0).body, "\"http://api.test/base/1\"");
  EXPECT_EQ(fetched->at(2).step, "c");
  EXPECT_EQ(f.effort.attempts, 3U);
}

TEST(Fetcher, gives_an_earlier_answer_to_the_step_that_refers_to_it) {
  Fixture f([](const HttpRequest& r) {
    return response(200, r.url.ends_with("/login") ? R"({"session":{"id":"x/1"}})" : "{}");
  });
  config::Step use =
      step("use", {{std::string("/data/"), Template::StepRef{"login", {"session", "id"}}}}, {1});
  use.method = config::Method::kPost;
  use.headers.emplace_back("X-Session", Template{{Template::StepRef{"login", {"session", "id"}}}});
  use.body = config::TemplatePairs{{"id", Template{{Template::StepRef{"login", {"session", "id"}}}}}};
  auto fetched = f.fetch({use, step("login", text("login"))});
  ASSERT_TRUE(fetched);
  ASSERT_EQ(f.client.requests.size(), 2U);
  EXPECT_EQ(f.client.requests[0].url, "http://api.test/base/login");
  const HttpRequest& second = f.client.requests[1];
  EXPECT_EQ(second.url, "http://api.test/base/data/x%2F1");
  EXPECT_EQ(second.body, "id=x%2F1");
  EXPECT_THAT(second.headers, testing::Contains(std::pair<std::string, std::string>("X-Session", "x/1")));
}

TEST(Fetcher, gives_all_answers_or_none_and_names_the_step_that_failed) {
  Fixture f(
      [](const HttpRequest& r) { return r.url.ends_with("/2") ? response(500, "") : response(200, "{}"); });
  auto fetched = f.fetch({step("a", text("/1")), step("b", text("/2"))});
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().where, "b");
  EXPECT_EQ(fetched.error().message, "500 from api.test");
  EXPECT_EQ(f.effort.attempts, 2U);
}

TEST(Fetcher, does_not_send_the_second_step_when_the_first_answer_is_not_json) {
  Fixture f([](const HttpRequest&) { return response(200, "<html>"); });
  auto fetched = f.fetch({step("a", text("/1")), step("b", {{Template::StepRef{"a", {"id"}}}}, {0})});
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().where, "a");
  EXPECT_EQ(f.client.requests.size(), 1U);
}

}  // namespace
}  // namespace pollux::fetch
