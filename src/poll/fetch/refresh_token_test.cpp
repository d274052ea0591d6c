// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/refresh_token.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "poll/fetch/refresh_token_test.hpp"

namespace pollux::fetch {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

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
