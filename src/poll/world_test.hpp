#pragma once
// SPDX-License-Identifier: Apache-2.0
// For tests of what survives: a world whose state, store and upstream outlive the process, and a process that
// can be killed before and after each of its calls to them. Single thread.

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/json.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "poll/run_once.hpp"
#include "state/memory.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::poll {

/// Thrown where a kill -9 ends the process.
struct Killed {};

/// Counts the process's steps, and ends it at one of them.
class Fate {
 public:
  void step() {
    if (++steps == die_at) throw Killed{};
  }
  std::size_t steps = 0;
  std::size_t die_at = 0;  // 0: never
};

/// What outlives a process.
struct World {
  Fate fate;
  state::MemoryBackend backend;
  test::MemoryStore objects;
  std::vector<std::string> bodies;  // each that was ever put, in order
  std::function<Result<net::HttpResponse>(const net::HttpRequest&)> upstream;
  std::optional<Error> store_failure;
  std::optional<Error> state_failure;

  std::optional<std::string> kept(const std::string& key) {
    auto entry = backend.get(key);
    return *entry ? std::optional((*entry)->value) : std::nullopt;
  }
  std::string published() const {
    auto object = objects.now("log.json");
    return object ? object->body : "(nothing)";
  }
};

class WorldKeeper final : public Keeper {
 public:
  explicit WorldKeeper(World& world) : world_(world) {}
  Task<Result<std::optional<std::string>>> recall(std::string key) override {
    world_.fate.step();
    auto value = world_.kept(key);
    world_.fate.step();
    co_return value;
  }
  Task<Result<void>> commit(state::Batch batch) override {
    world_.fate.step();
    if (world_.state_failure) co_return std::unexpected(*world_.state_failure);
    auto done = world_.backend.apply(std::span(&batch, 1)).front();
    world_.fate.step();
    co_return done;
  }

 private:
  World& world_;
};

class WorldStore final : public publish::Store {
 public:
  explicit WorldStore(World& world) : world_(world) {}
  std::string target() const override { return "world"; }
  Task<Result<void>> put(publish::Object object) override {
    world_.fate.step();
    if (world_.store_failure) co_return std::unexpected(*world_.store_failure);
    world_.bodies.push_back(object.body);
    auto done = co_await world_.objects.put(std::move(object));
    world_.fate.step();
    co_return done;
  }
  Task<Result<std::optional<publish::Object>>> get(std::string path) override {
    co_return co_await world_.objects.get(std::move(path));
  }
  Task<Result<void>> remove(std::string path) override {
    co_return co_await world_.objects.remove(std::move(path));
  }

 private:
  World& world_;
};

/// Knows two programs: "." and "max", the greatest .id of a list (null of an empty one).
class SmallRunner final : public transform::ProgramRunner {
 public:
  Task<Result<std::string>> run(transform::Program program, std::string input,
                                transform::Variables with) override {
    variables = std::move(with);
    if (program.text == ".") co_return input;
    std::int64_t most = 0;
    try {
      const boost::json::value rows = boost::json::parse(input);
      for (const auto& row : rows.as_array()) most = std::max(most, row.at("id").to_number<std::int64_t>());
    } catch (const std::exception&) {
      co_return fail(ErrorKind::kTransform, "jq: Cannot index string with \"id\"");
    }
    co_return most == 0 ? "null" : std::to_string(most);
  }
  Task<Result<std::vector<transform::CompileFault>>> compile(std::string) override {
    co_return std::vector<transform::CompileFault>{};
  }
  transform::Variables variables;
};

/// One life of the program: what it knows comes from the world's state, as at every start.
class Life {
 public:
  Life(World& world, const config::Poll& poll, asio::io_context& io, asio::thread_pool& pool,
       const Clock& clock)
      : world_(world), poll_(poll), io_(io), pool_(pool), clock_(clock) {
    upstream_.name = "api";
    upstream_.url = "https://api.example.gov";
    upstream_.retry = {1, Millis(1), Millis(1)};
    auto chance = [] { return 0.5; };
    sessions_.emplace("api", std::make_unique<fetch::UpstreamSession>(
                                 upstream_, fetch::SessionParts{client_, clock_, redactor, chance}));
    stores_.emplace("public", std::make_unique<WorldStore>(world));
    auto kept = world.kept(record_key(poll.name));
    if (kept) record = *parse_record(*kept);
  }

  /// A run, remembered as PollRunner does it.
  RunReport run() {
    RunReport report = test::run_task(io_, run_once(stages, poll_, record, {clock_.now(), {}}));
    record = report.record;
    state::Batch batch;
    batch.writes.push_back({record_key(poll_.name), record_json(record), std::nullopt});
    batch.writes.insert(batch.writes.end(), report.writes.begin(), report.writes.end());
    remembered = test::run_task(io_, keeper_.commit(std::move(batch)));
    return report;
  }

  Record record;
  Redactor redactor;
  std::map<std::string, check::Schema> schemas;
  std::vector<std::string> lines;
  Result<void> remembered;
  SmallRunner runner;
  std::vector<net::HttpRequest>& requests() { return client_.requests; }

 private:
  World& world_;
  const config::Poll& poll_;
  asio::io_context& io_;
  asio::thread_pool& pool_;
  const Clock& clock_;
  log::Logger logger_{log::Level::kInfo, log::Logger::Format::kText, redactor,
                      [this](log::Level, std::string_view line) { lines.emplace_back(line); }};
  config::Upstream upstream_;
  test::FakeHttpClient client_{[this](const net::HttpRequest& request) {
    world_.fate.step();
    auto answer = world_.upstream(request);
    world_.fate.step();
    return answer;
  }};
  fetch::Fetcher::Sessions sessions_;
  fetch::Fetcher fetcher_{sessions_};
  std::map<std::string, std::unique_ptr<publish::Store>> stores_;
  WorldKeeper keeper_{world_};

 public:
  Stages stages{fetcher_, runner, schemas, stores_, redactor, logger_, clock_, pool_, &keeper_};
};

/// A poll of a log that only grows: /log?after=ID, published as a window of `last` rows.
inline config::Poll log_poll(std::size_t last) {
  config::Poll poll;
  poll.name = "log";
  config::Step step;
  step.upstream = "api";
  step.path = {{std::string("/log")}};
  step.query = {{"after", {{config::Template::CursorRef{}}}}};
  poll.steps = {step};
  poll.cursor.emplace();
  poll.cursor->jq = std::string("max");
  if (last > 0) {
    poll.window.emplace();
    poll.window->last = last;
  }
  poll.publish = {{"public", "log.json", "", ""}};
  return poll;
}

/// The log itself: grows by so many rows with each request, and gives at most so many.
struct GrowingLog {
  std::size_t total = 0;  // where it ends
  std::size_t grow = 2;
  std::size_t page = 3;
  std::size_t rows = 0;

  static std::string row(std::size_t id) {
    return R"({"id":)" + std::to_string(id) + R"(,"v":)" + std::to_string(id) + ".10}";
  }
  Result<net::HttpResponse> operator()(const net::HttpRequest& request) {
    rows = std::min(total, rows + grow);
    auto at = request.url.find("after=");
    std::size_t after = at == std::string::npos ? 0 : std::stoul(request.url.substr(at + 6));
    std::string body = "[";
    for (std::size_t id = after + 1; id <= std::min(rows, after + page); ++id)
      body += (body.size() > 1 ? "," : "") + row(id);
    return test::response(200, body + "]", {{"Content-Type", "application/json"}});
  }
};

/// The ids of a published list.
inline std::vector<std::size_t> ids_of(const std::string& body) {
  std::vector<std::size_t> ids;
  if (body == "(nothing)") return ids;
  const boost::json::value rows = boost::json::parse(body);
  for (const auto& row : rows.as_array()) ids.push_back(row.at("id").to_number<std::size_t>());
  return ids;
}

}  // namespace pollux::poll
