// SPDX-License-Identifier: Apache-2.0
// Steps with pages, other formats and conditional requests, through the fetcher and its session.
#include "poll/fetch/step_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "tests/support/fake_http_client.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::fetch {
namespace {

using config::Pages;
using net::HttpRequest;
using net::HttpResponse;
using test::response;
using testing::HasSubstr;

struct StepRun : public testing::Test {
  StepRun() {
    upstream_.name = "api";
    upstream_.url = "http://api.test";
    upstream_.retry = {1, Millis(1), Millis(1)};
    poll_.name = "p";
    poll_.steps.resize(1);
    poll_.steps[0].upstream = "api";
    poll_.steps[0].path = {{std::string("/list")}};
  }
  config::Step& step() { return poll_.steps[0]; }
  void paginate(decltype(Pages::next) next, config::JsonPath items = {}) {
    step().pages = Pages{std::move(next), std::move(items), {}, 100};
  }
  Result<Fetched> fetch() {
    Fetcher::Sessions sessions;
    sessions.emplace("api", std::make_unique<UpstreamSession>(
                                upstream_, SessionParts{client_, clock_, redactor_, [] { return 0.5; }}));
    effort_ = {};
    client_.requests.clear();
    Fetcher fetcher(sessions, evaluate_, &pool_);
    auto fetched = test::run_task(io_, fetcher.fetch(poll_, asked_, effort_));
    if (fetched) asked_.validators = fetched->validators;
    return fetched;
  }
  std::string failure() {
    auto fetched = fetch();
    return fetched ? "no failure" : fetched.error().text();
  }

  std::function<Result<HttpResponse>(const HttpRequest&)> answer_;
  Evaluate evaluate_;
  Effort effort_;
  Asked asked_;
  asio::io_context io_;
  asio::thread_pool pool_{1};
  SystemClock clock_;
  Redactor redactor_;
  config::Upstream upstream_;
  config::Poll poll_;
  test::FakeHttpClient client_{[this](const HttpRequest& request) { return answer_(request); }};
};

// ?page=N of `pages` pages with these bodies' items.
auto numbered(std::vector<std::string> pages) {
  return [pages](const HttpRequest& request) -> Result<HttpResponse> {
    std::size_t page = std::stoul(request.url.substr(request.url.find("page=") + 5));
    return response(200, page <= pages.size() ? pages[page - 1] : "[]");
  };
}

TEST_F(StepRun, makes_one_list_of_all_pages) {
  answer_ = numbered({"[1.50, 2]", "[9007199254740993]"});
  paginate(Pages::Number{"page", 1});
  auto fetched = fetch();
  ASSERT_TRUE(fetched) << fetched.error().text();
  EXPECT_EQ(fetched->answers[0].body, "[1.50,2,9007199254740993]");
  EXPECT_EQ(effort_.attempts, 3U);
  EXPECT_EQ(effort_.pages, 3U);
}

TEST_F(StepRun, gives_all_pages_or_none_and_says_which_one_failed) {
  auto good = numbered({"[1]", "[2]", "[3]", "[4]", "[5]", "[6]", "[7]", "[8]"});
  answer_ = [good](const HttpRequest& r) {
    return r.url.ends_with("page=7") ? Result<HttpResponse>(response(503, "")) : good(r);
  };
  paginate(Pages::Number{"page", 1});
  EXPECT_EQ(failure(), "page 7: 503 from api.test");
  answer_ = [good](const HttpRequest& r) {
    return r.url.ends_with("page=7") ? Result<HttpResponse>(response(200, "[7")) : good(r);
  };
  EXPECT_THAT(failure(), HasSubstr("page 7: JSON ends in the middle"));
}

TEST_F(StepRun, sends_the_credentials_and_headers_of_the_step_with_every_page) {
  upstream_.auth = config::KeyAuth{config::KeyAuth::In::kQuery, "api_key", Secret("k")};
  step().headers = {{"X-Mine", {{std::string("1")}}}};
  // An API that puts the key into its own links.
  answer_ = [](const HttpRequest& r) -> Result<HttpResponse> {
    if (r.url.find("at=2") != std::string::npos) return response(200, "[2]");
    return response(200, "[1]", {{"Link", "</list?at=2&api_key=k>; rel=next"}});
  };
  paginate(Pages::LinkHeader{"next"});
  ASSERT_TRUE(fetch());
  EXPECT_EQ(client_.requests[1].url, "http://api.test/list?at=2&api_key=k");
  EXPECT_THAT(client_.requests[1].headers,
              testing::Contains(std::pair<std::string, std::string>("X-Mine", "1")));
}

TEST_F(StepRun, asks_its_programs_about_each_page) {
  answer_ = numbered({"[1]", "[2]", "[3]"});
  paginate(Pages::Number{"page", 1});
  step().pages->until.jq = "is-it-last";
  asked_.cursor = "7";
  std::vector<std::string> inputs;
  evaluate_ = [&inputs](const config::Poll& poll, const Asked& asked, std::string program,
                        std::string input) -> Task<Result<std::string>> {
    inputs.push_back(poll.name + " " + program + " " + asked.cursor + " " + input);
    return [](bool last) -> Task<Result<std::string>> {
      co_return std::string(last ? "true" : "false");
    }(input == "[2]");
  };
  EXPECT_EQ(fetch()->answers[0].body, "[1,2]");
  EXPECT_EQ(inputs.at(1), "p is-it-last 7 [2]");
  evaluate_ = [](const config::Poll&, const Asked&, std::string, std::string) -> Task<Result<std::string>> {
    co_return fail(ErrorKind::kTransform, "too late");
  };
  EXPECT_EQ(failure(), "page 1: too late");
}

TEST_F(StepRun, pages_through_lines_and_tables) {
  answer_ = [](const HttpRequest& r) -> Result<HttpResponse> {
    return response(
        200, r.url.ends_with("page=3") ? "" : "{\"u\":\"" + r.url.substr(r.url.find('?') + 1) + "\"}\n",
        {{"Content-Type", "application/x-ndjson"}});
  };
  paginate(Pages::Number{"page", 1});
  EXPECT_EQ(fetch()->answers[0].body, R"([{"u":"page=1"},{"u":"page=2"}])");
  paginate(Pages::CursorParameter{{"next"}, "c"});
  EXPECT_THAT(failure(), HasSubstr("page 1: it is a list of rows, which has no place for the next page"));
}

TEST_F(StepRun, does_large_answers_on_the_pool) {
  std::string body = "[\"" + std::string(300'000, 'x') + "\"]";
  answer_ = [body](const HttpRequest& r) -> Result<HttpResponse> {
    return response(200, r.url.ends_with("page=2") ? "[]" : body);
  };
  paginate(Pages::Number{"page", 1});
  EXPECT_EQ(fetch()->answers[0].body, body);
}

TEST_F(StepRun, asks_conditionally_once_it_knows_what_to_ask_with) {
  answer_ = [](const HttpRequest& r) -> Result<HttpResponse> {
    for (const auto& [name, value] : r.headers) {
      if (name == "If-None-Match" && value == "\"v1\"") return response(304, "");
    }
    return response(200, "[1]", {{"ETag", "\"v1\""}});
  };
  auto first = fetch();
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->not_modified);
  auto second = fetch();
  ASSERT_TRUE(second) << second.error().text();
  EXPECT_TRUE(second->not_modified);
  EXPECT_TRUE(second->answers.empty());
  EXPECT_EQ(second->validators, first->validators);
  // Another question: the old tag says nothing about it.
  step().query = {{"lang", {{std::string("de")}}}};
  EXPECT_FALSE(fetch()->not_modified);
  step().conditional = false;
  EXPECT_FALSE(fetch()->not_modified);
  EXPECT_EQ(effort_.attempts, 1U);
}

TEST_F(StepRun, asks_for_the_whole_of_what_has_not_changed_where_something_else_has) {
  poll_.steps.push_back(step());
  poll_.steps[0].name = "a";
  poll_.steps[1].name = "b";
  poll_.steps[1].path = {{std::string("/other")}};
  std::string tag = "\"v1\"";
  answer_ = [&tag](const HttpRequest& r) -> Result<HttpResponse> {
    const std::string mine = r.url.ends_with("/other") ? tag : "\"v1\"";
    for (const auto& [name, value] : r.headers) {
      if (name == "If-None-Match" && value == mine) return response(304, "");
    }
    return response(200, "[" + mine + "]", {{"ETag", mine}});
  };
  ASSERT_TRUE(fetch());
  EXPECT_TRUE(fetch()->not_modified);
  tag = "\"v2\"";
  auto fetched = fetch();
  ASSERT_TRUE(fetched) << fetched.error().text();
  EXPECT_FALSE(fetched->not_modified);
  EXPECT_EQ(fetched->answers[0].body, R"(["v1"])");
  EXPECT_EQ(fetched->answers[1].body, R"(["v2"])");
  EXPECT_EQ(effort_.attempts, 3U);
  EXPECT_EQ(fetched->validators.at("b").etag, "\"v2\"");
}

TEST_F(StepRun, does_not_believe_a_304_that_nobody_asked_for) {
  answer_ = [](const HttpRequest&) { return Result<HttpResponse>(response(304, "")); };
  EXPECT_EQ(failure(), "304 from api.test");
  step().headers = {{"If-None-Match", {{std::string("\"mine\"")}}}};
  EXPECT_EQ(failure(), "304 from api.test, which was asked for the whole");
}

TEST_F(StepRun, asks_for_the_whole_of_everything_where_one_step_has_nothing_to_ask_with) {
  poll_.steps.push_back(step());
  poll_.steps[0].name = "a";
  poll_.steps[1].name = "b";
  answer_ = [](const HttpRequest& r) -> Result<HttpResponse> {
    bool conditional = std::ranges::any_of(r.headers, [](auto& h) { return h.first == "If-None-Match"; });
    return conditional ? response(304, "") : response(200, "[1]", {{"ETag", "\"v1\""}});
  };
  ASSERT_TRUE(fetch());
  asked_.validators.erase("b");
  auto fetched = fetch();
  ASSERT_TRUE(fetched);
  EXPECT_FALSE(fetched->not_modified);
  EXPECT_EQ(effort_.attempts, 2U);
}

TEST_F(StepRun, hands_the_list_of_all_pages_to_the_step_that_needs_it) {
  poll_.steps.push_back(step());
  poll_.steps[0].name = "list";
  poll_.steps[1].name = "item";
  poll_.steps[1].path = {{std::string("/item/"), config::Template::StepRef{"list", {2U}}}};
  poll_.steps[1].after = {0};
  poll_.named_steps = true;
  auto list = numbered({"[1,2]", "[3]"});
  answer_ = [list](const HttpRequest& r) {
    return r.url.find("/item/") != std::string::npos
               ? Result<HttpResponse>(response(200, "\"" + r.url + "\""))
               : list(r);
  };
  paginate(Pages::Number{"page", 1});
  auto fetched = fetch();
  ASSERT_TRUE(fetched) << fetched.error().text();
  EXPECT_EQ(fetched->answers[1].body, "\"http://api.test/item/3\"");
}

TEST_F(StepRun, judges_html_as_json_whatever_it_calls_itself) {
  answer_ = [](const HttpRequest&) -> Result<HttpResponse> {
    return response(200, "<html>", {{"Content-Type", "text/html"}});
  };
  auto fetched = fetch();
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->answers[0].format, config::Format::kJson) << "and so the check after this refuses it";
}

// The same, for tests of a suite that has no fixture.
struct Steps : StepRun {
  void TestBody() override {}
};

TEST(Complaint, telegraf_11068_large_json_ate_the_memory) {
  Steps f;
  // Each page is well below what one answer may have; together they are not.
  f.upstream_.max_answer = Bytes{10'000};
  std::size_t page = 0;
  std::vector<std::size_t> allowed;
  f.answer_ = [&](const HttpRequest& r) -> Result<HttpResponse> {
    allowed.push_back(r.max_body.count);
    std::string body = "[\"" + std::string(3'000, static_cast<char>('a' + page++)) + "\"]";
    if (body.size() > r.max_body.count) return fail(ErrorKind::kTooLarge, "larger than some bytes");
    return response(200, body);
  };
  f.paginate(Pages::Number{"page", 1});
  EXPECT_EQ(f.failure(), "page 4: the pages together are larger than 10.0 kB (`max_answer`)");
  EXPECT_EQ(allowed, (std::vector<std::size_t>{10'000, 6'996, 3'992, 988}));
}

TEST(Complaint, flat_25_no_change_was_treated_as_an_error) {
  Steps f;
  f.answer_ = [](const HttpRequest& r) -> Result<HttpResponse> {
    bool conditional = std::ranges::any_of(r.headers, [](auto& h) { return h.first == "If-None-Match"; });
    return conditional ? response(304, "") : response(200, "[1]", {{"ETag", "W/\"v1\""}});
  };
  ASSERT_TRUE(f.fetch());
  for (int run = 0; run < 3; ++run) {
    auto again = f.fetch();
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_TRUE(again->not_modified);
    EXPECT_EQ(f.effort_.attempts, 1U) << "and it is not tried again";
  }
}

}  // namespace
}  // namespace pollux::fetch
