// SPDX-License-Identifier: Apache-2.0
// `pollux record` and `pollux test`: a configuration that has its own CI.
#include <gmock/gmock.h>

#include <set>

#include "tests/system/call_center.hpp"
#include "tests/system/markers.hpp"

namespace pollux::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kFolder = "fixtures/wait-times/recorded";

class FixturesTest : public CallCenter {
 protected:
  Finished record(Words words = {}) const {
    words.insert(words.begin(), "record");
    return pollux(std::move(words));
  }

  /// On a machine that knows nothing: no variable set, and no API that answers.
  Finished test_alone(Words words = {}) {
    words.insert(words.begin(), "test");
    auto held = std::exchange(variables_, {});
    auto done = pollux(std::move(words));
    variables_ = std::move(held);
    return done;
  }

  std::string file(const std::string& name) const { return read_text(dir_ / kFolder / name); }
};

TEST_F(FixturesTest, records_what_the_api_said_and_publishes_nothing) {
  auto done = record();
  ASSERT_EQ(done.exit, 0) << done.out << done.err;
  EXPECT_THAT(done.out, HasSubstr("recorded  wait-times/recorded: 4 answers, 1 object in fixtures/"));
  EXPECT_EQ(file("answer-1.json"),
            "{\"results\":[{\"intent\":\"CALL\",\"formula\":\"ABANDON\","
            "\"estimatedWaitTimeSeconds\":167}]}");
  EXPECT_EQ(parsed(file("expected/1.0/waittime.json")).at("call"),
            json::value({{"estimatedWaitTimeSeconds", {{"en", 167}, {"sp", 20}}}}));
  EXPECT_THAT(file("exchanges.json"), Not(HasSubstr("oauth/token"))) << "an answer that is a secret";
  EXPECT_FALSE(std::filesystem::exists(dir_ / "public"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / ".pollux"));
}

TEST_F(FixturesTest, runs_them_without_api_secrets_and_variables) {
  variables_["CALL_CENTER_CLIENT_SECRET"] = "sample-client-secret";
  {
    SampleApi gone;
    variables_["CALL_CENTER_API"] = variables_["CALL_CENTER_LOGIN"] = gone.url();
    ASSERT_EQ(record().exit, 0);
  }
  auto done = test_alone();
  EXPECT_EQ(done.exit, 0) << done.out << done.err;
  EXPECT_EQ(done.out, "ok      wait-times/recorded\n1 fixture: 1 ok, 0 failed\n");
  EXPECT_THAT(done.err, IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(dir_ / ".pollux"));
}

TEST_F(FixturesTest, asks_nobody_even_if_the_api_is_there) {
  ASSERT_EQ(record().exit, 0);
  auto before = api_.requests();
  EXPECT_EQ(pollux({"test"}).exit, 0);
  EXPECT_EQ(api_.requests(), before);
}

TEST_F(FixturesTest, says_what_a_changed_program_makes_of_the_same_answers) {
  ASSERT_EQ(record().exit, 0);
  replace("en: (.en_call | seconds)", "en: (.en_call | seconds + 1)");
  auto done = test_alone();
  EXPECT_EQ(done.exit, 1);
  EXPECT_THAT(done.out,
              AllOf(HasSubstr("FAILED  wait-times/recorded\n"),
                    HasSubstr("--- fixtures/wait-times/recorded/expected/1.0/waittime.json\n"),
                    HasSubstr("@@ .call.estimatedWaitTimeSeconds @@\n"), HasSubstr("-      \"en\": 167,\n"),
                    HasSubstr("+      \"en\": 168,\n"), HasSubstr("0 ok, 1 failed")));
  auto json = parsed(test_alone({"--format", "json"}).out);
  EXPECT_EQ(json.at("failed"), 1);
  EXPECT_EQ(json.at("fixtures").at(0).at("ok"), false);
  EXPECT_THAT(std::string(json.at("fixtures").at(0).at("difference").as_string()), HasSubstr("168"));
  EXPECT_THAT(test_alone({"--update"}).out, HasSubstr("updated wait-times/recorded\n"));
  EXPECT_EQ(test_alone().exit, 0);
}

TEST_F(FixturesTest, says_what_was_asked_for_that_the_fixture_does_not_have) {
  ASSERT_EQ(record().exit, 0);
  replace("mediatypes/call/estimatedwaittime\" }\n      en_chat",
          "mediatypes/phone/estimatedwaittime\" }\n      en_chat");
  auto done = test_alone();
  EXPECT_EQ(done.exit, 1);
  EXPECT_THAT(done.out, AllOf(HasSubstr("asked for GET " + api_.url() +
                                        "/api/v2/routing/queues/en-queue/mediatypes/phone/"),
                              HasSubstr("which the fixture does not have; it has GET ")));
}

TEST_F(FixturesTest, says_which_answers_nobody_wanted) {
  ASSERT_EQ(record().exit, 0);
  replace(
      "      sp_chat: { from: contact-center, path: "
      "\"/api/v2/routing/queues/${SP_QUEUE:-sp-queue}/mediatypes/chat/"
      "estimatedwaittime\" }\n",
      "");
  replace("sp: (.sp_chat | seconds)", "sp: 8");
  auto done = test_alone();
  EXPECT_EQ(done.exit, 1);
  EXPECT_THAT(done.out, HasSubstr("never asked for GET " + api_.url() +
                                  "/api/v2/routing/queues/sp-queue/mediatypes/chat/"));
}

TEST_F(FixturesTest, works_beside_a_daemon) {
  auto daemon = run();
  ASSERT_FALSE(daemon->url().empty());
  EXPECT_EQ(record().exit, 0);
  EXPECT_EQ(pollux({"test"}).exit, 0);
}

TEST_F(FixturesTest, asks_before_it_writes_over_a_fixture_and_before_it_asks_the_api) {
  ASSERT_EQ(record().exit, 0);
  auto requests = api_.requests();
  auto again = record();
  EXPECT_EQ(again.exit, 2);
  EXPECT_THAT(again.err, HasSubstr("is there already; --force"));
  EXPECT_EQ(api_.requests(), requests);
  EXPECT_EQ(record({"--force", "--at", "2026-01-31"}).exit, 0);
  EXPECT_THAT(file("expected/1.0/waittime.json"), HasSubstr("1769817600"));
  EXPECT_EQ(record({"--name", "other"}).exit, 0);
  EXPECT_EQ(record({"--name", "../other"}).exit, 2);
  EXPECT_THAT(test_alone().out, HasSubstr("2 fixtures: 2 ok"));
}

TEST_F(FixturesTest, writes_nothing_of_a_run_that_failed) {
  api_.fault({{"match", "/chat/"}, {"fault", "html"}});
  auto done = record();
  EXPECT_EQ(done.exit, 1);
  EXPECT_THAT(done.out, HasSubstr("FAILED    wait-times/recorded: en_chat: not JSON"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "fixtures"));
}

TEST_F(FixturesTest, keeps_the_good_answer_of_a_request_that_was_made_twice) {
  replace("retry: { attempts: 1 }", "retry: { attempts: 3, backoff: 1ms..2ms }");
  api_.fault({{"match", "en-queue/mediatypes/call"}, {"fault", "status"}, {"status", 503}, {"times", 1}});
  auto done = record();
  ASSERT_EQ(done.exit, 0) << done.out;
  EXPECT_THAT(done.out, HasSubstr("4 answers"));
  EXPECT_EQ(test_alone().exit, 0);
}

TEST_F(FixturesTest, can_expect_a_run_to_fail) {
  ASSERT_EQ(record().exit, 0);
  dir_.write(std::string(kFolder) + "/answer-2.json", "<html>We will be back soon</html>");
  EXPECT_THAT(test_alone().out, HasSubstr("the run ended with malformed: en_chat: not JSON"));
  std::string index = file("exchanges.json");
  dir_.write(std::string(kFolder) + "/exchanges.json", index.insert(1, "\n  \"fails\": \"malformed\","));
  std::filesystem::remove_all(dir_ / kFolder / "expected");
  EXPECT_EQ(test_alone().exit, 0);
  dir_.write(std::string(kFolder) + "/answer-2.json", "{\"results\":[]}");
  auto well = test_alone();
  EXPECT_EQ(well.exit, 1);
  EXPECT_THAT(well.out, HasSubstr("the run ended well; it was to end with malformed"));
}

TEST_F(FixturesTest, tells_of_polls_without_fixtures_and_of_fixtures_without_polls) {
  auto none = test_alone();
  EXPECT_EQ(none.exit, 0);
  EXPECT_EQ(none.out, "none    wait-times: no fixtures\n0 fixtures: 0 ok, 0 failed; 1 poll without\n");
  EXPECT_EQ(test_alone({"--strict"}).exit, 1);
  ASSERT_EQ(record().exit, 0);
  replace("polls:\n  wait-times:", "polls:\n  waiting:");
  auto stray = test_alone();
  EXPECT_EQ(stray.exit, 1);
  EXPECT_THAT(stray.out, HasSubstr("the file has no poll wait-times"));
  EXPECT_EQ(test_alone({"waitin"}).exit, 2);
}

TEST_F(FixturesTest, names_the_place_of_a_fault_in_a_fixture_and_runs_the_others) {
  ASSERT_EQ(record().exit, 0);
  ASSERT_EQ(record({"--name", "broken"}).exit, 0);
  dir_.write("fixtures/wait-times/broken/exchanges.json",
             R"({"at":"2026-01-31","exchanges":[{"request":{}}]})");
  auto done = test_alone();
  EXPECT_EQ(done.exit, 1);
  EXPECT_THAT(done.out, AllOf(HasSubstr("broken/exchanges.json: exchanges[0]: no request with a url"),
                              HasSubstr("ok      wait-times/recorded"), HasSubstr("1 ok, 1 failed")));
}

TEST_F(FixturesTest, asks_for_a_variable_that_no_fixture_knows) {
  ASSERT_EQ(record().exit, 0);
  replace("${EN_QUEUE:-en-queue}", "${QUEUE_NOBODY_SET}");
  auto done = test_alone();
  EXPECT_EQ(done.exit, 2);
  EXPECT_THAT(done.err, HasSubstr("the environment variable QUEUE_NOBODY_SET to be set"));
}

// A refresh token is good for one use: what `record` gets in its place must not be lost, and a daemon's must
// not be spent behind its back.
TEST_F(FixturesTest, spends_no_refresh_token_that_a_daemon_holds_and_loses_none) {
  variables_ = {
      {"API", api_.url()}, {"SECRET", "sample-client-secret"}, {"REFRESH_TOKEN", "sample-refresh-token"}};
  write(R"y(listen: 127.0.0.1:0
upstreams:
  api: { url: "${API}", retry: { attempts: 1 }, auth: { oauth2: { token_url: "${API}/oauth2/refresh",
         client_id: sample-client, client_secret: "${SECRET}", refresh_token: "${REFRESH_TOKEN}" } } }
polls:
  p: { every: 1h, fetch: { from: api, path: /bearer } }
)y");
  ASSERT_EQ(record().exit, 0);
  auto next = once();
  EXPECT_EQ(next.exit, 0) << "the token that record was given is lost: " << next.out;
  auto daemon = run();
  ASSERT_FALSE(daemon->url().empty());
  auto beside = record({"--force"});
  EXPECT_EQ(beside.exit, 1);
  EXPECT_THAT(beside.err, HasSubstr("state.db"));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_ / "fixtures")) {
    if (!entry.is_regular_file()) continue;
    EXPECT_THAT(read_text(entry.path()), Not(HasSubstr("sample-refresh")));
  }
  EXPECT_EQ(test_alone().exit, 0);
}

TEST_F(FixturesTest, needs_no_service_account_where_it_was_recorded_with_one) {
  for (const Words& words : {Words{"openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt",
                                   "rsa_keygen_bits:2048", "-out", "key.pem"},
                             Words{"openssl", "pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"}}) {
    ASSERT_EQ(run_program({words, {}, dir_.path()}).exit, 0);
  }
  SampleApi google({"--google-public-key", (dir_ / "public.pem").string()});
  dir_.write("key.json",
             json::serialize(json::object{{"type", "service_account"},
                                          {"client_email", "reporter@sample.iam.gserviceaccount.com"},
                                          {"private_key", read_text(dir_ / "key.pem")},
                                          {"token_uri", google.url() + "/google/token"}}));
  variables_ = {{"API", google.url()}};
  write(R"y(upstreams:
  api: { url: "${API}", auth: { google: { key: "${file:key.json}", scope: https://www.googleapis.com/auth/analytics.readonly } } }
polls:
  p: { every: 1h, fetch: { from: api, path: /google/data } }
)y");
  auto done = record();
  ASSERT_EQ(done.exit, 0) << done.out << done.err;
  EXPECT_THAT(read_text(dir_ / "fixtures/p/recorded/exchanges.json"),
              AllOf(HasSubstr("\"file:key.json\": \"service account\""), Not(HasSubstr("google/token"))));
  std::filesystem::remove(dir_ / "key.json");
  auto alone = test_alone();
  EXPECT_EQ(alone.exit, 0) << alone.out << alone.err;
}

// Promise 3: the API answers with all that it was sent, so that each answer holds a secret.
class FixturesWithSecretsTest : public FixturesTest {
 protected:
  static constexpr const char* kYaml = R"y(
upstreams:
  header: { url: "${API}", auth: { header: { X-Api-Key: "${V_header}" } } }
  extra: { url: "${API}", headers: { X-Extra: "${V_extra}", Accept: application/json } }
  query: { url: "${API}", auth: { query: { api_key: "${V_query}" } } }
  basic: { url: "${API}", auth: { basic: { user: someone, password: "${V_basic}" } } }
  bearer: { url: "${API}", auth: { bearer: "${V_bearer}" } }
  file: { url: "${API}", auth: { query: { k: "${file:secret.txt}" } } }
  oauth: { url: "${API}", auth: { oauth2: { token_url: "${API}/oauth/token", client_id: sample-client, client_secret: "${V_oauth}" } } }
polls:
  header: { every: 1h, fetch: { from: header, path: /echo }, transform: { jq: "{ok: (.headers | length > 0)}" } }
  extra: { every: 1h, fetch: { from: extra, path: /echo }, transform: { jq: "{ok: (.headers | length > 0)}" } }
  query: { every: 1h, fetch: { from: query, path: "/echo?page=1" }, transform: { jq: "{ok: (.headers | length > 0)}" } }
  basic: { every: 1h, fetch: { from: basic, path: /echo }, transform: { jq: "{ok: (.headers | length > 0)}" } }
  bearer: { every: 1h, fetch: { from: bearer, path: /echo }, transform: { jq: "{ok: (.headers | length > 0)}" } }
  file: { every: 1h, fetch: { from: file, path: /echo }, transform: { jq: "{ok: (.headers | length > 0)}" } }
  oauth: { every: 1h, fetch: { from: oauth, path: /echo }, transform: { jq: "{ok: (.headers | length > 0)}" } }
  sent: { every: 1h, fetch: { from: bearer, path: /echo, query: { k: "${VARS_API_KEY}" }, method: POST,
          json: { key: "${VARS_API_KEY}" } }, transform: { jq: "{ok: (.headers | length > 0)}" } }
)y";

  FixturesWithSecretsTest() : api_with_secrets_({"--client-secret", marker("oauth")}) {}

  void SetUp() override {
    dir_.write("secret.txt", marker("file") + "\n");
    for (const char* name : {"header", "extra", "query", "basic", "bearer", "oauth"}) {
      variables_[std::string("V_") + name] = marker(name);
      secrets_.push_back(marker(name));
    }
    secrets_.push_back(marker("file"));
    secrets_.push_back(variables_["VARS_API_KEY"] = marker("vars"));
    variables_["API"] = api_with_secrets_.url();
    write(kYaml);
  }

  SampleApi api_with_secrets_;
  Words secrets_;
};

TEST_F(FixturesWithSecretsTest, leaves_every_secret_out_and_still_runs) {
  auto done = record();
  ASSERT_EQ(done.exit, 0) << done.out << done.err;
  auto tokens = json::value_to<Words>(api_with_secrets_.stats().at("tokens_issued"));
  ASSERT_FALSE(tokens.empty());
  secrets_.insert(secrets_.end(), tokens.begin(), tokens.end());
  // The API shows the body that it was sent in its own JSON: escaped twice.
  std::string twice = json::serialize(json::value(json::serialize(json::value(marker("vars")))));
  secrets_.push_back(twice.substr(3, twice.size() - 6));
  std::size_t files = 0;
  std::size_t hidden = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_ / "fixtures")) {
    if (!entry.is_regular_file()) continue;
    ++files;
    std::string text = read_text(entry.path());
    EXPECT_THAT(found_in(text, secrets_), IsEmpty()) << entry.path();
    EXPECT_THAT(found_in(entry.path().string(), secrets_), IsEmpty());
    if (text.find("***") != std::string::npos) ++hidden;
  }
  EXPECT_EQ(files, 8U * 3);
  EXPECT_GE(hidden, 8U) << "each of the answers held one";
  EXPECT_THAT(found_in(done.out + done.err, secrets_), IsEmpty());

  std::filesystem::remove(dir_ / "secret.txt");
  auto tested = test_alone({"--strict"});
  EXPECT_EQ(tested.exit, 0) << tested.out << tested.err;
  EXPECT_THAT(tested.out, HasSubstr("8 fixtures: 8 ok, 0 failed"));
}

TEST_F(FixturesWithSecretsTest, refuses_to_write_where_a_secret_is_too_short_to_be_found) {
  variables_["V_header"] = "q7~x";
  auto done = record({"header"});
  EXPECT_EQ(done.exit, 1);
  EXPECT_THAT(done.out,
              AllOf(HasSubstr("a secret of less than 6 characters"), HasSubstr("nothing was written")));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "fixtures"));
}

}  // namespace
}  // namespace pollux::test
