#pragma once
// SPDX-License-Identifier: Apache-2.0
// The S3 store against a client that answers from a script, for tests only.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "poll/publish/s3_store.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::publish {

using net::HttpRequest;
using net::HttpResponse;
using testing::HasSubstr;
using testing::Not;
using Answer = Result<HttpResponse>;

class ScriptedClient final : public net::HttpClient {
 public:
  Task<Answer> send(HttpRequest request) override {
    if (on_send) on_send(request);
    seen.push_back(std::move(request));
    if (answers.empty()) co_return HttpResponse{200, {}, ""};
    auto answer = std::move(answers.front());
    answers.pop_front();
    co_return answer;
  }
  std::deque<Answer> answers;  // after them: 200
  std::function<void(const HttpRequest&)> on_send;
  std::vector<HttpRequest> seen;
};

inline std::string header(const HttpRequest& request, std::string_view name) {
  auto found = std::ranges::find(request.headers, name, &std::pair<std::string, std::string>::first);
  return found == request.headers.end() ? "" : found->second;
}

inline HttpResponse refusal(int status, const std::string& code, const std::string& message = "") {
  return {status, {}, "<Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>"};
}

class S3StoreTest : public testing::Test {
 protected:
  S3StoreTest() {
    config_.bucket = "pub";
    config_.endpoint = "https://s3.example.gov";
    config_.access_key_id = "AKPOLLUX";
    config_.secret_access_key = Secret("the-secret-key");
    tuning_.retry.from = Millis(1);
    tuning_.chance = [] { return 0.5; };
  }
  S3Store store() { return {config_, client_, clock_, pool_, tuning_, {&redactor_, &logger_}}; }
  Result<void> put(Object object) {
    auto to = store();
    return test::run_task(io_, to.put(std::move(object)));
  }
  Result<std::optional<Object>> get(std::string path) {
    auto from = store();
    return test::run_task(io_, from.get(std::move(path)));
  }
  std::string refused_with(HttpResponse response) {
    client_.answers = {std::move(response)};
    auto done = put({"waittime.json", "{}", "application/json", ""});
    return done ? "accepted" : done.error().message;
  }

  config::S3Store config_;
  S3Tuning tuning_;
  ScriptedClient client_;
  Redactor redactor_;
  std::vector<std::string> lines_;  // of the log
  log::Logger logger_{log::Level::kInfo, log::Logger::Format::kText, redactor_,
                      [this](log::Level, std::string_view line) { lines_.emplace_back(line); }};
  FixedClock clock_{Time(std::chrono::seconds(1767323045))};
  asio::io_context io_;  // outlives the pool, whose threads may still be waking it
  asio::thread_pool pool_{1};
};

}  // namespace pollux::publish
