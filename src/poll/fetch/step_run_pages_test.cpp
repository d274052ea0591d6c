// SPDX-License-Identifier: Apache-2.0
// Steps with pages.
#include "poll/fetch/step_run_test.hpp"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <memory>
#include <optional>

namespace pollux::fetch {
namespace {

using config::Pages;
using net::HttpRequest;
using net::HttpResponse;
using test::response;
using testing::HasSubstr;

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

// jq says of a page of HTML that it is an invalid number.
TEST_F(StepRun, shows_no_program_what_is_not_json) {
  paginate(Pages::Number{"page", 1});
  step().pages->until.jq = "is-it-last";
  evaluate_ = [](const config::Poll&, const Asked&, std::string, std::string) -> Task<Result<std::string>> {
    co_return fail(ErrorKind::kTransform, "the input cannot be read");
  };
  answer_ = [](const HttpRequest&) -> Result<HttpResponse> { return response(200, "<html>sorry</html>"); };
  auto fetched = fetch();
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().kind, ErrorKind::kMalformed);
  EXPECT_THAT(fetched.error().message,
              HasSubstr("page 1: not JSON: it starts with `<html>sorry</ht`: an HTML page"));
  answer_ = [](const HttpRequest&) -> Result<HttpResponse> { return response(200, "[1"); };
  EXPECT_EQ(fetch().error().kind, ErrorKind::kTruncated);
}

TEST_F(StepRun, counts_tables_as_the_json_that_they_become) {
  upstream_.max_answer = Bytes{10'000};
  step().expect = config::Format::kCsv;
  // 2 bytes a row on the wire, 48 in memory.
  auto table = [](std::size_t rows, const std::string& value) {
    std::string out = "a_column_with_a_name_of_some_length_aaa\n";
    for (std::size_t i = 0; i < rows; ++i) out += value + "\n";
    return out;
  };
  answer_ = [&](const HttpRequest&) -> Result<HttpResponse> { return response(200, table(100, "1")); };
  EXPECT_TRUE(fetch());
  answer_ = [&](const HttpRequest&) -> Result<HttpResponse> { return response(200, table(1000, "1")); };
  auto alone = fetch();
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().kind, ErrorKind::kTooLarge);
  EXPECT_THAT(alone.error().message, HasSubstr("larger than 10.0 kB as JSON"));
  EXPECT_THAT(alone.error().message, HasSubstr("raise `max_answer`"));
  paginate(Pages::Number{"page", 1});
  std::size_t page = 0;
  answer_ = [&](const HttpRequest&) -> Result<HttpResponse> {
    return response(200, table(100, std::to_string(page++)));
  };
  EXPECT_EQ(failure(), "page 3: the pages together are larger than 10.0 kB (`max_answer`)");
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

// The pool's only thread, kept busy until it is let go of.
struct Held {
  explicit Held(asio::thread_pool& pool) {
    auto at_work = std::make_shared<std::promise<void>>();
    begun = at_work->get_future();
    asio::post(pool, [at_work, free = go.get_future().share()] {
      at_work->set_value();
      free.wait();
    });
  }
  std::promise<void> go;
  std::future<void> begun;
};

TEST_F(StepRun, does_large_answers_on_the_pool) {
  std::string body = "[\"" + std::string(300'000, 'x') + "\"]";
  answer_ = [body](const HttpRequest& r) -> Result<HttpResponse> {
    return response(200, r.url.ends_with("page=2") ? "[]" : body);
  };
  paginate(Pages::Number{"page", 1});
  Fetcher::Sessions sessions;
  sessions.emplace("api", std::make_unique<UpstreamSession>(
                              upstream_, SessionParts{client_, clock_, redactor_, [] { return 0.5; }}));
  Fetcher fetcher(sessions, evaluate_, &pool_);
  std::optional<Result<Fetched>> done;
  auto settle = [&] {
    while (io_.poll() > 0) io_.restart();
  };
  Held reading(pool_);
  asio::co_spawn(io_, fetcher.fetch(poll_, asked_, effort_),
                 [&](const std::exception_ptr&, Result<Fetched> fetched) { done = std::move(fetched); });
  settle();
  EXPECT_EQ(client_.requests.size(), 1U) << "the answer waits to be read";
  Held paging(pool_);  // behind the reading, before the search for the next page
  reading.go.set_value();
  paging.begun.wait();
  settle();
  EXPECT_EQ(client_.requests.size(), 1U) << "and then to be paged";
  paging.go.set_value();
  io_.restart();
  io_.run();
  ASSERT_TRUE(done && *done);
  EXPECT_EQ((*done)->answers[0].body, body);
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

}  // namespace
}  // namespace pollux::fetch
