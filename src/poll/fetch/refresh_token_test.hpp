#pragma once
// SPDX-License-Identifier: Apache-2.0
// A login that gives a new refresh token with each answer, and a session that uses it, for tests of what
// becomes of those tokens. One thread, and the journal's.

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "poll/fetch/session_test.hpp"

namespace pollux::fetch {

using net::HttpRequest;
using test::response;

inline config::OAuth2Auth refreshing(const std::string& first = "refresh-0") {
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

}  // namespace pollux::fetch
