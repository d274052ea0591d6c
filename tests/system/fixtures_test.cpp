// SPDX-License-Identifier: Apache-2.0
// `pollux record` and `pollux test`: a configuration that has its own CI.
#include <gmock/gmock.h>

#include "tests/system/fixtures.hpp"

namespace pollux::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

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

}  // namespace
}  // namespace pollux::test
