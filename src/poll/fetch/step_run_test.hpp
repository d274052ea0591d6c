#pragma once
// SPDX-License-Identifier: Apache-2.0
// One poll with one step at one upstream, which answers as the test says: run through the fetcher and its
// session.

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "poll/fetch/step_run.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::fetch {

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
  void paginate(decltype(config::Pages::next) next, JsonPath items = {}) {
    step().pages = config::Pages{std::move(next), std::move(items), {}, 100};
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

  std::function<Result<net::HttpResponse>(const net::HttpRequest&)> answer_;
  Evaluate evaluate_;
  Effort effort_;
  Asked asked_;
  asio::io_context io_;
  asio::thread_pool pool_{1};
  SystemClock clock_;
  Redactor redactor_;
  config::Upstream upstream_;
  config::Poll poll_;
  test::FakeHttpClient client_{[this](const net::HttpRequest& request) { return answer_(request); }};
};

// The same, for tests of a suite that has no fixture.
struct Steps : StepRun {
  void TestBody() override {}
};

}  // namespace pollux::fetch
