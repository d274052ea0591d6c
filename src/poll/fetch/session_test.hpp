#pragma once
// SPDX-License-Identifier: Apache-2.0
// A session of one upstream for tests of its credentials: a client that answers from a function, a clock that
// the test moves, a state that remembers, and a log that can be read. One thread.

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "log/logger.hpp"
#include "poll/fetch/upstream_session.hpp"
#include "state/journal.hpp"
#include "state/memory.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::fetch {

// Both times move together.
class MovedClock final : public Clock {
 public:
  Time now() const override { return Time(std::chrono::seconds(1'767'225'600)) + passed; }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point(std::chrono::hours(1)) + passed;
  }
  Millis passed{0};
};

inline std::string header_of(const net::HttpRequest& request, std::string_view wanted) {
  for (const auto& [name, value] : request.headers) {
    if (name == wanted) return value;
  }
  return "";
}

inline config::OAuth2Auth oauth2_client(std::string id = "the-client", std::string secret = "the-secret") {
  config::OAuth2Auth auth;
  auth.token_url = "https://login.example.gov/oauth/token";
  auth.client_id = std::move(id);
  auth.client_secret = Secret(std::move(secret));
  return auth;
}

class SessionFixture {
 public:
  explicit SessionFixture(test::FakeHttpClient::Answer answer, config::Auth auth)
      : client(std::move(answer)) {
    upstream.name = "api";
    upstream.url = "https://api.example.gov";
    upstream.auth = std::move(auth);
    upstream.retry = {3, Millis(1), Millis(1)};
    start();
  }

  /// As after a restart: nothing is left but the state.
  void start() {
    session.reset();
    journal.reset();
    auto recall = [this](const std::string& key) -> std::optional<std::string> {
      auto entry = backend->get(key);
      return entry && *entry ? std::optional((*entry)->value) : std::nullopt;
    };
    journal = std::make_unique<state::Journal>(*backend);
    SessionParts parts{client, clock, redactor, [] { return 0.5; }, journal.get(), &logger, recall};
    parts.chance = [this] { return chance; };
    session = std::make_unique<UpstreamSession>(upstream, std::move(parts));
  }

  Result<net::HttpResponse> send(std::string method = "GET",
                                 std::string url = "https://api.example.gov/data") {
    net::HttpRequest request;
    const bool repeatable = method != "POST";
    request.method = std::move(method);
    request.url = std::move(url);
    return test::run_task(io, session->send(std::move(request), Manner{repeatable, {}}, effort));
  }

  Effort effort;
  double chance = 0;
  asio::io_context io;
  MovedClock clock;
  Redactor redactor;
  std::vector<std::string> lines;
  log::Logger logger{log::Level::kDebug, log::Logger::Format::kJson, redactor,
                     [this](log::Level, std::string_view line) { lines.emplace_back(line); }};
  config::Upstream upstream;
  test::FakeHttpClient client;
  std::unique_ptr<state::Backend> backend = std::make_unique<state::MemoryBackend>();
  std::unique_ptr<state::Journal> journal;
  std::unique_ptr<UpstreamSession> session;
};

}  // namespace pollux::fetch
