// SPDX-License-Identifier: Apache-2.0
// Credentials of OAuth2 and AWS against a sample-api that checks them: right ones publish, wrong ones end
// with 1 and a sentence that helps, and with no secret in the log at any level.
#include <signal.h>

#include "tests/system/credentials.hpp"

namespace pollux::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string kToken = "token_url: \"${API}/oauth2/token";
const std::string kClient = "\", client_id: sample-client, client_secret: \"${SECRET}\"";

TEST_F(CredentialsTest, of_an_oauth2_client_go_where_the_server_wants_them) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"?client=body", ""},
      {"?client=header", ", client_in: header"},
      {"?client=header&audience=https%3A%2F%2Fapi%2F&scope=a%20b&resource=r%261",
       ", client_in: header, audience: \"https://api/\", scope: a b, fields: { resource: r&1 }"}};
  for (const auto& [query, more] : cases) {
    forget();
    file("oauth2: { " + kToken + query + kClient + more + " }", {"path: /bearer"});
    auto done = once();
    EXPECT_EQ(done.exit, 0) << query << done.out << done.err;
    EXPECT_EQ(published(), R"({"ok":true})") << query;
  }
}

TEST_F(CredentialsTest, of_an_oauth2_client_that_are_wrong_are_told_and_not_shown) {
  variables_["SECRET"] = "wrong-secret-of-the-client";
  for (const char* more : {"", ", client_in: header"}) {
    file("oauth2: { " + kToken + kClient + more + " }", {"path: /bearer"});
    EXPECT_THAT(refusal("wrong-secret-of-the-client"),
                AllOf(HasSubstr("no token: 401 from " + api_.address()), HasSubstr("(invalid_client)"),
                      HasSubstr("check client_id and client_secret")));
  }
  variables_["SECRET"] = "sample-client-secret";
  file("oauth2: { " + kToken + "?audience=a" + kClient + " }", {"path: /bearer"});
  EXPECT_THAT(refusal("sample-client-secret"),
              HasSubstr("400 from " + api_.address() + " (invalid_request)"));
}

class RotatingCredentialsTest : public CredentialsTest {
 protected:
  void SetUp() override {
    use({"--expires-in", "1"});
    file("oauth2: { token_url: \"${API}/oauth2/refresh" + kClient + ", refresh_token: \"${REFRESH_TOKEN}\" }",
         {"path: /bearer"});
  }
};

TEST_F(RotatingCredentialsTest, are_remembered_from_one_process_to_the_next) {
  for (int i = 0; i < 3; ++i) {
    auto done = once({"--log-level", "debug"});
    ASSERT_EQ(done.exit, 0) << done.out << done.err;
    EXPECT_THAT(done.out, Not(HasSubstr("sample-refresh")));
    EXPECT_THAT(done.out, Not(HasSubstr("sample-token")));
  }
  EXPECT_EQ(api_.stats().at("tokens"), 3);
  namespace fs = std::filesystem;
  const auto others = fs::perms::group_all | fs::perms::others_all;
  for (const auto& entry : fs::directory_iterator(dir_ / ".pollux")) {
    EXPECT_EQ(fs::status(entry.path()).permissions() & others, fs::perms::none) << entry.path();
  }
}

// The worst moment: the server has forgotten the old refresh token, and nobody has used the new access token
// yet.
TEST_F(RotatingCredentialsTest, survive_kill_9_between_the_new_token_and_its_first_use) {
  for (int i = 0; i < 3; ++i) {
    api_.fault({{"match", "/bearer"}, {"fault", "stall"}});
    auto daemon = run();
    ASSERT_TRUE(eventually([&] { return api_.stats().at("requests").as_object().contains("/bearer"); }));
    daemon->process().signal(SIGKILL);
    EXPECT_EQ(daemon->process().wait(), 128 + SIGKILL);
    api_.heal();
    auto done = once();
    ASSERT_EQ(done.exit, 0) << done.out << done.err;
    net::HttpRequest reset;
    reset.method = "DELETE";
    reset.url = api_.url() + "/_stats";
    ASSERT_EQ(ask(std::move(reset)).status, 204);
  }
}

// Not in the few milliseconds between the server's answer and the commit: that token is lost to any client.
TEST_F(RotatingCredentialsTest, survive_kill_9_after_any_run) {
  for (int i = 0; i < 4; ++i) {
    auto daemon = run();
    ASSERT_TRUE(eventually([&] { return !run_events(daemon->process().out()).empty(); }));
    daemon->process().signal(SIGKILL);
    EXPECT_EQ(daemon->process().wait(), 128 + SIGKILL);
    EXPECT_NE(text_of(run_events(daemon->process().out()).front(), "outcome"), "failed")
        << daemon->process().out();
  }
  auto done = once();
  EXPECT_EQ(done.exit, 0) << done.out;
}

TEST_F(RotatingCredentialsTest, that_the_server_withdrew_are_told_and_not_shown) {
  ASSERT_EQ(once().exit, 0);
  std::filesystem::remove_all(dir_ / ".pollux");  // the disk was lost, and with it the newest token
  EXPECT_THAT(refusal("sample-refresh-token"),
              AllOf(HasSubstr("no token: 400 from " + api_.address() + " (invalid_grant)"),
                    HasSubstr("needs a new one in the file")));
  // With a new one in the file it goes on.
  use({"--refresh-token", "another-refresh-token"});
  variables_["REFRESH_TOKEN"] = "another-refresh-token";
  EXPECT_EQ(once().exit, 0);
}

class AwsCredentialsTest : public CredentialsTest {
 protected:
  void SetUp() override {
    CredentialsTest::SetUp();
    variables_["AWS_SECRET"] = "sample-aws-secret-access-key";
  }
  void signed_file(const std::string& service, const Words& requests, const std::string& more = "") {
    file(
        "aws: { access_key_id: SAMPLEACCESSKEYID, secret_access_key: \"${AWS_SECRET}\", region: us-east-1, "
        "service: " +
            service + more + " }",
        requests);
  }
};

TEST_F(AwsCredentialsTest, sign_every_kind_of_request_for_every_service) {
  const Words requests{"path: /aws/items",
                       "path: \"/aws/a%20b/%C3%BC\", query: { z: \"1 + 1\", a: \"/ü\", empty: \"\" }",
                       "path: /aws/json, json: { a: [ 1, \"ü\" ] }, headers: { X-Amz-Target: Thing.Do }",
                       "path: /aws/form, form: { a: \"1&2\" }"};
  for (const char* service : {"execute-api", "s3"}) {
    forget();
    signed_file(service, requests);
    auto done = once();
    EXPECT_EQ(done.exit, 0) << done.out << done.err;
    for (int i = 0; i < 4; ++i)
      EXPECT_THAT(published(i), HasSubstr(service)) << requests[static_cast<std::size_t>(i)];
    EXPECT_THAT(published(2), HasSubstr("content-type;host;x-amz-content-sha256;x-amz-date;x-amz-target"));
  }
}

TEST_F(AwsCredentialsTest, hold_a_session_token_where_there_is_one) {
  use({"--aws-session-token", "the-session-token"});
  variables_["AWS_SECRET"] = "sample-aws-secret-access-key";
  signed_file("execute-api", {"path: /aws/x"}, ", session_token: the-session-token");
  EXPECT_EQ(once().exit, 0);
}

TEST_F(AwsCredentialsTest, that_are_wrong_are_told_and_not_shown) {
  variables_["AWS_SECRET"] = "wrong-aws-secret-access-key";
  signed_file("execute-api", {"path: /aws/x"});
  EXPECT_THAT(refusal("wrong-aws-secret-access-key"), HasSubstr("403 from " + api_.address()));
}

TEST_F(AwsCredentialsTest, that_are_refused_for_a_wrong_clock_say_so) {
  use({"--clock-ahead", "2400"});
  variables_["AWS_SECRET"] = "sample-aws-secret-access-key";
  signed_file("execute-api", {"path: /aws/x"});
  EXPECT_THAT(refusal("sample-aws-secret-access-key"),
              HasSubstr("the clock of this machine is 40 min behind " + api_.address() +
                        "'s, which may be the reason"));
}

TEST_F(CredentialsTest, are_told_apart_from_a_clock_that_is_wrong_by_minutes) {
  use({"--clock-ahead", "-420"});
  file("oauth2: { " + kToken + kClient + " }", {"path: /bearer"});
  auto done = once();
  ASSERT_EQ(done.exit, 0) << done.out << done.err;
  EXPECT_THAT(done.out, HasSubstr("the clock of this machine is 7 min ahead of " + api_.address() +
                                  "'s: tokens and signatures may be refused"));
}

}  // namespace
}  // namespace pollux::test
