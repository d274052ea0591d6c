// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/refresh_token.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>

#include "base/encoding.hpp"
#include "poll/fetch/session_test.hpp"

namespace pollux::fetch {
namespace {

using net::HttpRequest;
using test::response;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

config::OAuth2Auth refreshing(const std::string& first = "refresh-0") {
  auto auth = oauth2_client();
  auth.refresh_token = Secret(first);
  return auth;
}

/// What happened, in its order; the journal's thread writes too.
class Diary {
 public:
  void write(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

class DiaryBackend final : public state::Backend {
 public:
  explicit DiaryBackend(Diary& diary) : diary_(diary) {}
  Result<std::optional<state::Entry>> get(const std::string& key) override { return inner_.get(key); }
  Result<std::vector<std::pair<std::string, state::Entry>>> list(const std::string& prefix) override {
    return inner_.list(prefix);
  }
  std::vector<Result<void>> apply(std::span<const state::Batch> batches) override {
    if (full)
      return std::vector<Result<void>>(batches.size(), fail(ErrorKind::kState, "disk full", Retry::later()));
    for (const auto& batch : batches) {
      for (const auto& write : batch.writes) {
        const auto token = write.value->rfind("refresh-");
        diary_.write("commit " + write.key + " " + write.value->substr(token, 9));
      }
    }
    return inner_.apply(batches);
  }
  Result<std::vector<state::HistoryRow>> history(const std::string& poll, std::size_t limit) override {
    return inner_.history(poll, limit);
  }
  Result<std::size_t> forget_history(Time before) override { return inner_.forget_history(before); }

  std::atomic<bool> full = false;

 private:
  Diary& diary_;
  state::MemoryBackend inner_;
};

/// Takes each refresh token once, gives another, and withdraws everything when one comes back.
struct RotatingLogin {
  Diary& diary;
  int given = 0;
  bool withdrawn = false;

  Result<net::HttpResponse> operator()(const HttpRequest& request) {
    if (!request.url.ends_with("/oauth/token")) {
      diary.write("use " + header_of(request, "Authorization"));
      return withdrawn ? response(401, "") : response(200, "{}");
    }
    const std::string good = "refresh_token=refresh-" + std::to_string(given) + "&";
    diary.write("ask " + request.body.substr(request.body.find("refresh-"), 9));
    if (withdrawn || request.body.find(good) == std::string::npos) {
      withdrawn = true;
      return response(400, R"({"error":"invalid_grant"})");
    }
    ++given;
    const auto n = std::to_string(given);
    return response(200, R"({"access_token":"access-)" + n +
                             R"(","expires_in":600,"refresh_token":"refresh-)" + n + "\"}");
  }
};

struct Rotation {
  Rotation() : fixture(std::ref(login), refreshing()) {
    fixture.journal.reset();
    auto made = std::make_unique<DiaryBackend>(diary);
    backend = made.get();
    fixture.session.reset();
    fixture.backend = std::move(made);
    fixture.start();
  }
  Diary diary;
  RotatingLogin login{diary};
  SessionFixture fixture;
  DiaryBackend* backend = nullptr;
};

TEST(RefreshToken, asks_as_rfc_6749_has_it) {
  Rotation r;
  ASSERT_TRUE(r.fixture.send());
  EXPECT_EQ(r.fixture.client.requests[0].body,
            "grant_type=refresh_token&refresh_token=refresh-0&client_id=the-client&client_secret=the-secret");
  EXPECT_TRUE(r.fixture.redactor.reveals("a line with refresh-1 in it"));
}

TEST(Complaint, airbyte_18035_a_refresh_token_of_single_use_was_not_saved) {
  Rotation r;
  ASSERT_TRUE(r.fixture.send());
  EXPECT_THAT(r.diary.lines(),
              ElementsAre("ask refresh-0", "commit token/api refresh-1", "use Bearer access-1"));
  // Whenever the process is killed from here on, the next one has the token that is good.
  r.fixture.start();
  ASSERT_TRUE(r.fixture.send());
  r.fixture.clock.passed += std::chrono::hours(1);
  ASSERT_TRUE(r.fixture.send());
  EXPECT_THAT(r.diary.lines(),
              ElementsAre("ask refresh-0", "commit token/api refresh-1", "use Bearer access-1",
                          "ask refresh-1", "commit token/api refresh-2", "use Bearer access-2",
                          "ask refresh-2", "commit token/api refresh-3", "use Bearer access-3"));
  EXPECT_FALSE(r.login.withdrawn);
}

TEST(RefreshToken, is_good_again_when_the_process_dies_after_the_commit_and_before_the_first_use) {
  Rotation r;
  r.fixture.client.requests.clear();
  // The first request of the API is never sent: as if kill -9 came in between.
  bool killed = false;
  SessionFixture dying(
      [&](const HttpRequest& request) -> Result<net::HttpResponse> {
        if (request.url.ends_with("/oauth/token")) return r.login(request);
        killed = true;
        return fail(ErrorKind::kCanceled, "killed");
      },
      refreshing());
  dying.session.reset();
  dying.journal.reset();
  std::swap(dying.backend, r.fixture.backend);
  dying.start();
  EXPECT_FALSE(dying.send());
  EXPECT_TRUE(killed);
  dying.session.reset();
  dying.journal.reset();
  r.fixture.session.reset();
  r.fixture.journal.reset();
  std::swap(dying.backend, r.fixture.backend);
  r.fixture.start();
  ASSERT_TRUE(r.fixture.send());
  EXPECT_FALSE(r.login.withdrawn);
}

TEST(RefreshToken, is_not_used_and_fails_the_run_when_it_cannot_be_saved) {
  Rotation r;
  r.backend->full = true;
  auto failed = r.fixture.send();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::kState);
  EXPECT_THAT(failed.error().message,
              AllOf(HasSubstr("api gave a new refresh token, and it cannot be saved: disk full"),
                    Not(HasSubstr("refresh-1"))));
  EXPECT_THAT(r.diary.lines(), ElementsAre("ask refresh-0"));
  EXPECT_FALSE(r.fixture.send());
  EXPECT_THAT(r.diary.lines(), ElementsAre("ask refresh-0")) << "nothing is asked while nothing can be kept";
  // The server has forgotten refresh-0: the new one must not have been thrown away.
  r.backend->full = false;
  ASSERT_TRUE(r.fixture.send());
  EXPECT_THAT(r.diary.lines(), ElementsAre("ask refresh-0", "commit token/api refresh-1", "ask refresh-1",
                                           "commit token/api refresh-2", "use Bearer access-2"));
}

TEST(RefreshToken, is_saved_also_when_the_run_is_canceled_while_the_answer_comes) {
  Rotation r;
  asio::cancellation_signal stop;
  SessionFixture canceled(
      [&](const HttpRequest& request) {
        auto answer = r.login(request);
        stop.emit(asio::cancellation_type::terminal);
        return answer;
      },
      refreshing());
  canceled.session.reset();
  canceled.journal.reset();
  std::swap(canceled.backend, r.fixture.backend);
  canceled.start();
  HttpRequest request;
  request.url = "https://api.example.gov/data";
  bool ended = false;
  auto done = [&](const std::exception_ptr&, const Result<net::HttpResponse>&) { ended = true; };
  asio::co_spawn(canceled.io, canceled.session->send(request, Manner{}, canceled.effort),
                 asio::bind_cancellation_slot(stop.slot(), done));
  canceled.io.run();
  EXPECT_TRUE(ended);
  EXPECT_THAT(r.diary.lines(), testing::Contains("commit token/api refresh-1"));
  canceled.session.reset();
  canceled.journal.reset();
}

/// As a network: an answer takes its time, and who is canceled meanwhile gets none.
class SlowClient final : public net::HttpClient {
 public:
  explicit SlowClient(test::FakeHttpClient::Answer answer) : answer_(std::move(answer)) {}
  Task<Result<net::HttpResponse>> send(HttpRequest request) override {
    auto answer = answer_(request);  // the server has made up its mind
    asio::steady_timer timer(co_await asio::this_coro::executor, Millis(50));
    boost::system::error_code error;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return fail(ErrorKind::kCanceled, "canceled");
    co_return answer;
  }

 private:
  test::FakeHttpClient::Answer answer_;
};

TEST(RefreshToken, is_saved_also_when_the_run_is_canceled_while_its_request_is_on_the_wire) {
  Rotation r;
  SlowClient client(std::ref(r.login));
  auto& f = r.fixture;
  UpstreamSession session(f.upstream, {client, f.clock, f.redactor, [] { return 0.5; }, f.journal.get()});
  HttpRequest request;
  request.url = "https://api.example.gov/data";
  asio::cancellation_signal stop;
  bool ended = false;
  auto done = [&](const std::exception_ptr&, const Result<net::HttpResponse>&) { ended = true; };
  asio::co_spawn(f.io, session.send(request, Manner{}, f.effort),
                 asio::bind_cancellation_slot(stop.slot(), done));
  f.io.run_for(Millis(10));
  EXPECT_THAT(r.diary.lines(), ElementsAre("ask refresh-0"));
  stop.emit(asio::cancellation_type::terminal);
  f.io.run();
  EXPECT_TRUE(ended);
  EXPECT_THAT(r.diary.lines(), ElementsAre("ask refresh-0", "commit token/api refresh-1"))
      << "saved, and the run went no further";
}

TEST(RefreshToken, that_fails_is_not_asked_for_again_by_a_run_that_was_canceled) {
  Rotation r;
  int asked = 0;
  SlowClient client([&](const HttpRequest&) {
    ++asked;
    return response(503, "");
  });
  auto& f = r.fixture;
  UpstreamSession session(f.upstream, {client, f.clock, f.redactor, [] { return 0.5; }, f.journal.get()});
  HttpRequest request;
  request.url = "https://api.example.gov/data";
  asio::cancellation_signal stop;
  asio::co_spawn(f.io, session.send(request, Manner{}, f.effort),
                 asio::bind_cancellation_slot(stop.slot(), [](auto&&...) {}));
  f.io.run_for(Millis(10));
  stop.emit(asio::cancellation_type::terminal);
  f.io.run();
  EXPECT_EQ(asked, 1);
}

TEST(RefreshToken, of_the_file_wins_when_it_is_another_than_the_kept_one_came_from) {
  Rotation r;
  ASSERT_TRUE(r.fixture.send());
  r.login.given = 7;
  r.fixture.upstream.auth = refreshing("refresh-7");
  r.fixture.start();
  ASSERT_TRUE(r.fixture.send());
  EXPECT_FALSE(r.login.withdrawn);
}

TEST(RefreshToken, tells_what_to_do_when_it_is_not_taken_any_more) {
  Rotation r;
  r.login.withdrawn = true;
  auto failed = r.fixture.send();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::kUnauthorized);
  EXPECT_THAT(failed.error().message, AllOf(HasSubstr("no token: 400 from login.example.gov (invalid_grant)"),
                                            HasSubstr("needs a new one in the file")));
}

TEST(RefreshToken, that_the_server_keeps_is_not_written_at_all) {
  Diary diary;
  SessionFixture f(
      [](const HttpRequest&) {
        return response(200, R"({"access_token":"a1","refresh_token":"refresh-0"})");
      },
      refreshing());
  ASSERT_TRUE(f.send());
  EXPECT_FALSE(f.backend->get("token/api").value());
}

TEST(RefreshToken, is_read_back_only_for_what_it_came_from) {
  const std::string origin = refresh_token_origin(refreshing());
  const std::string text = kept_refresh_token(origin, Secret("a\"b\\c"));
  EXPECT_EQ(parse_kept_refresh_token(text, origin), Secret("a\"b\\c"));
  EXPECT_EQ(text.find("refresh-0"), std::string::npos);
  auto other_client = refreshing();
  other_client.client_id = "another";
  EXPECT_FALSE(parse_kept_refresh_token(text, refresh_token_origin(other_client)));
  for (const char* broken : {"", "x", "[]", "{}", R"({"origin":1,"refresh_token":"x"})"}) {
    EXPECT_FALSE(parse_kept_refresh_token(broken, origin)) << broken;
  }
}

}  // namespace
}  // namespace pollux::fetch
