#pragma once
// SPDX-License-Identifier: Apache-2.0
// A session whose clock, chance, state and upstream are the test's, for tests of what its gate lets through:
// limits, holds, retries, breaker. Waits are real, of at most a few seconds.

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "log/logger.hpp"
#include "poll/fetch/upstream_session.hpp"
#include "state/journal.hpp"
#include "state/memory.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::fetch {

using net::HttpRequest;
using net::HttpResponse;
using std::chrono::seconds;
using test::response;

// Wall time as it is; steady time also moves as the test says, so that tokens grow old at once.
class AgingClock final : public Clock {
 public:
  Time now() const override { return real_.now() + wall; }
  std::chrono::steady_clock::time_point steady() const override { return real_.steady() + aged; }
  Millis wall{0};
  seconds aged{0};

 private:
  SystemClock real_;
};

struct GatedSession {
  explicit GatedSession(test::FakeHttpClient::Answer answer) : client(std::move(answer)) {
    upstream.name = "api";
    upstream.url = "https://api.example.gov";
    upstream.retry = {1, Millis(1), Millis(1)};
  }
  UpstreamSession& session() {
    if (!made)
      made = std::make_unique<UpstreamSession>(
          upstream, SessionParts{client, clock, redactor, [this] { return chance; }, journal.get(), &logger});
    return *made;
  }
  void keep_state() { journal = std::make_unique<state::Journal>(backend); }
  void restart() {
    made.reset();
    auto saved = backend.get(limits_key("api"));
    ASSERT_TRUE(saved && *saved);
    ASSERT_TRUE(session().restore((*saved)->value));
  }
  static HttpRequest request(const std::string& method = "GET") {
    HttpRequest out;
    out.method = method;
    out.url = "https://api.example.gov/data";
    return out;
  }
  Result<HttpResponse> send(std::optional<Millis> room = {}, bool repeatable = true) {
    Manner manner{repeatable, room ? std::optional(clock.now() + *room) : std::nullopt};
    return test::run_task(io, session().send(request(), manner, effort));
  }
  // Begins now, ends while another task runs.
  void send_later(std::string name, Millis room) {
    auto task = [](GatedSession& f, std::string who, Manner manner) -> Task<> {
      Effort own;
      auto answer = co_await f.session().send(request(), manner, own);
      f.done.push_back(who + (answer ? "" : ": " + answer.error().message));
    };
    asio::co_spawn(io, task(*this, std::move(name), Manner{true, clock.now() + room}), asio::detached);
  }
  void settle() {
    for (int i = 0; i < 100; ++i) io.poll();
    io.restart();
  }
  void run_for(Millis time) {
    io.restart();
    io.run_for(time);
    io.restart();
  }

  /// Until so many have come to an end.
  void run_until_done(std::size_t count) {
    io.restart();
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (done.size() < count && std::chrono::steady_clock::now() < end) io.run_one_until(end);
    io.restart();
  }

  asio::io_context io;
  AgingClock clock;
  Redactor redactor;
  std::vector<std::string> lines;
  log::Logger logger{log::Level::kInfo, log::Logger::Format::kJson, redactor,
                     [this](log::Level, std::string_view line) { lines.emplace_back(line); }};
  double chance = 0.5;
  state::MemoryBackend backend;
  std::unique_ptr<state::Journal> journal;
  config::Upstream upstream;
  test::FakeHttpClient client;
  Effort effort;
  std::vector<std::string> done;
  std::unique_ptr<UpstreamSession> made;
};

inline Result<HttpResponse> well(const HttpRequest&) { return response(200, "{}"); }
inline Result<HttpResponse> down(const HttpRequest&) { return response(503, ""); }

}  // namespace pollux::fetch
