// SPDX-License-Identifier: Apache-2.0
// `pollux record` and limits, logins and answers that ask for a pause: nothing is asked for that nobody
// counts, and nobody is kept waiting.
#include <gmock/gmock.h>

#include "tests/system/call_center.hpp"

namespace pollux::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class FixturesRecordTest : public CallCenter {
 protected:
  void SetUp() override { variables_ = {{"API", api_.url()}, {"SECRET", "sample-client-secret"}}; }

  void write_limited(const std::string& limit, const std::string& fetch) {
    write("listen: 127.0.0.1:0\nupstreams:\n  api: { url: \"${API}\", limits: " + limit +
          ", retry: { attempts: 1 } }\npolls:\n  p: { every: 1h, fetch: " + fetch + " }\n");
  }
};

TEST_F(FixturesRecordTest, counts_what_it_asks_in_the_limits_that_the_state_keeps) {
  write_limited("2/month sliding", "{ from: api, path: /echo }");
  auto recorded = pollux({"record"});
  ASSERT_EQ(recorded.exit, 0) << recorded.out << recorded.err;
  EXPECT_EQ(once().exit, 0);
  EXPECT_THAT(once().out, HasSubstr("not sent: api: 2/month sliding is used up"));
  auto again = pollux({"record", "--force"});
  EXPECT_EQ(again.exit, 1);
  EXPECT_THAT(again.out, HasSubstr("not sent: api: 2/month sliding is used up"));
  EXPECT_EQ(api_.requests(), 2);
}

TEST_F(FixturesRecordTest, asks_nothing_beside_a_daemon_that_counts_the_same_limits) {
  write_limited("9/month", "{ from: api, path: /echo }");
  auto daemon = run();
  ASSERT_FALSE(daemon->url().empty());
  auto beside = pollux({"record"});
  EXPECT_EQ(beside.exit, 1);
  EXPECT_THAT(beside.err,
              AllOf(HasSubstr("recording asks api, whose limits or refresh token the state keeps: another "
                              "pollux is using "),
                    HasSubstr("state.db; wait for it to end, or stop it")));
}

TEST_F(FixturesRecordTest, says_at_once_that_a_limit_leaves_no_room_for_the_run) {
  write_limited("1/month sliding", "{ a: { from: api, path: /echo }, b: { from: api, path: /echo } }");
  auto done = pollux({"record"});
  EXPECT_EQ(done.exit, 1);
  EXPECT_THAT(done.out, HasSubstr("not sent: api: 1/month sliding is used up"));
}

// The second attempt would wait for a minute by a clock that stands still.
TEST_F(FixturesRecordTest, is_tested_without_the_pauses_that_an_answer_asks_for) {
  write(R"y(upstreams:
  api: { url: "http://api.example.gov", retry: { attempts: 2 } }
polls:
  p: { every: 1h, fetch: { from: api, path: /x } }
)y");
  const std::string busy =
      R"({ "request": { "method": "GET", "url": "http://api.example.gov/x" }, "response": { "status": 429,
           "headers": { "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "60" } } })";
  dir_.write("fixtures/p/busy/exchanges.json",
             R"({ "at": "2026-01-31T12:00:00Z", "fails": "rate_limited", "exchanges": [ )" + busy + ", " +
                 busy + " ] }");
  auto done = pollux({"test"});
  EXPECT_EQ(done.exit, 0) << done.out << done.err;
}

// The token is no secret yet when it is answered: only the next request shows what it is for.
TEST_F(FixturesRecordTest, records_a_poll_that_logs_in_with_a_step_of_its_own) {
  write(R"y(upstreams:
  api: { url: "${API}" }
polls:
  p:
    every: 1h
    fetch:
      login: { from: api, path: /oauth/token, method: POST,
               form: { grant_type: client_credentials, client_id: sample-client, client_secret: "${SECRET}" } }
      data: { from: api, path: /bearer, headers: { Authorization: "Bearer ${step:login.access_token}" } }
    transform: { jq: .data }
)y");
  auto recorded = pollux({"record"});
  ASSERT_EQ(recorded.exit, 0) << recorded.out << recorded.err;
  const json::array tokens = api_.stats().at("tokens_issued").as_array();
  ASSERT_FALSE(tokens.empty());
  for (const char* name : {"exchanges.json", "answer-1.json", "answer-2.json"}) {
    EXPECT_THAT(read_text(dir_ / "fixtures/p/recorded" / name),
                Not(HasSubstr(std::string(tokens[0].as_string()))));
  }
  variables_.erase("SECRET");
  auto tested = pollux({"test"});
  EXPECT_EQ(tested.exit, 0) << tested.out << tested.err;
}

}  // namespace
}  // namespace pollux::test
