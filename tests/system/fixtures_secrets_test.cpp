// SPDX-License-Identifier: Apache-2.0
// Fixtures and credentials: `pollux record` writes no secret and loses no refresh token; `pollux test` needs
// none.
#include <gmock/gmock.h>

#include "tests/support/service_account.hpp"
#include "tests/system/fixtures.hpp"
#include "tests/system/markers.hpp"

namespace pollux::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

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
  const KeyPair pair = make_key_pair();
  dir_.write("public.pem", pair.public_key);
  SampleApi google({"--google-public-key", (dir_ / "public.pem").string()});
  dir_.write("key.json", service_account_file("reporter@sample.iam.gserviceaccount.com", pair.private_key,
                                              google.url() + "/google/token"));
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
