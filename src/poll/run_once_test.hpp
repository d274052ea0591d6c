#pragma once
// SPDX-License-Identifier: Apache-2.0
// One poll of one upstream into one store, with fakes at both ends and in place of the jq workers. One
// thread.

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "poll/run_once.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::poll {

inline const Time kNow = *parse_time("2026-01-02T10:00:00Z");

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

  Result<net::HttpResponse> answer(const net::HttpRequest& request) const {
    if (unanswered_) return std::unexpected(*unanswered_);
    bool known = std::ranges::any_of(request.headers, [this](const auto& header) {
      return header.first == "If-None-Match" && header.second == etag_;
    });
    if (known) return test::response(304, "");
    return test::response(status_, answer_, {{"Content-Type", "text/plain"}, {"ETag", etag_}});
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
  test::FakeHttpClient client_{[this](const net::HttpRequest& request) { return answer(request); }};
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

}  // namespace pollux::poll
