// SPDX-License-Identifier: Apache-2.0
// Service accounts of Google against a sample-api, and a mock, that check what they sign.
#include "tests/support/service_account.hpp"
#include "tests/system/credentials.hpp"

namespace pollux::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string kScope = "scope: https://www.googleapis.com/auth/analytics.readonly";

class GoogleCredentialsTest : public CredentialsTest {
 protected:
  static constexpr const char* kFirst = "reporter@sample.iam.gserviceaccount.com";
  static constexpr const char* kSecond = "second@sample.iam.gserviceaccount.com";
  void SetUp() override {
    dir_.write("public.pem", pair_.public_key);
    use({"--google-public-key", (dir_ / "public.pem").string()});
    key_file("key.json", kFirst, api_.url() + "/google/token");
    key_file("second.json", kSecond, api_.url() + "/google/token");
  }
  void key_file(const std::string& name, const std::string& email, const std::string& token_uri) {
    dir_.write(name, service_account_file(email, pair_.private_key, token_uri));
  }
  KeyPair pair_ = make_key_pair();
};

TEST_F(GoogleCredentialsTest, are_exchanged_or_signed_for_the_api_itself) {
  file("google: { key: \"${file:key.json}\", " + kScope + " }", {"path: /google/data"});
  auto done = once();
  ASSERT_EQ(done.exit, 0) << done.out << done.err;
  EXPECT_EQ(published(), R"({"account":"reporter@sample.iam.gserviceaccount.com","by":"token"})");
  file("google: { key: \"${file:key.json}\", audience: \"https://analyticsdata.googleapis.com/\" }",
       {"path: /google/data"});
  done = once();
  ASSERT_EQ(done.exit, 0) << done.out << done.err;
  EXPECT_EQ(published(), R"({"account":"reporter@sample.iam.gserviceaccount.com","by":"self-signed"})");
}

TEST_F(GoogleCredentialsTest, come_from_the_environment_as_an_address_and_a_key) {
  variables_["ANALYTICS_REPORT_EMAIL"] = kSecond;
  std::string flat = pair_.private_key;
  for (auto at = flat.find('\n'); at != std::string::npos; at = flat.find('\n', at))
    flat.replace(at, 1, "\\n");
  variables_["ANALYTICS_KEY"] = flat;
  file(
      "google: { key: { email: \"${ANALYTICS_REPORT_EMAIL}\", private_key: \"${ANALYTICS_KEY}\" }, "
      "token_url: "
      "\"${API}/google/token\", " +
          kScope + " }",
      {"path: /google/data"});
  auto done = once();
  ASSERT_EQ(done.exit, 0) << done.out << done.err;
  EXPECT_THAT(published(), HasSubstr(kSecond));
}

TEST_F(GoogleCredentialsTest, of_several_accounts_are_used_in_turn_when_one_is_over_its_quota) {
  file("google: { key: [ \"${file:key.json}\", \"${file:second.json}\" ], " + kScope + " }",
       {"path: /google/data, query: { exhausted: " + std::string(kFirst) + " }",
        "path: /google/data, query: { forbidden: " + std::string(kFirst) + " }"});
  auto done = once();
  ASSERT_EQ(done.exit, 0) << done.out << done.err;
  EXPECT_THAT(published(0), HasSubstr(kSecond));
  EXPECT_THAT(published(1), HasSubstr(kSecond));
}

TEST_F(GoogleCredentialsTest, that_the_server_does_not_know_are_told_and_not_shown) {
  pair_ = make_key_pair();  // another one: the server has the first one's public half
  key_file("key.json", kFirst, api_.url() + "/google/token");
  const std::string line = pair_.private_key.substr(60, 40);
  file("google: { key: \"${file:key.json}\", " + kScope + " }", {"path: /google/data"});
  EXPECT_THAT(refusal(line), AllOf(HasSubstr("no token: 400 from " + api_.address() + " (invalid_grant)"),
                                   HasSubstr("check the key of " + std::string(kFirst))));
  file("google: { key: \"${file:key.json}\", audience: \"https://analyticsdata.googleapis.com/\" }",
       {"path: /google/data"});
  EXPECT_THAT(refusal(line), HasSubstr("401 from " + api_.address()));
}

TEST_F(GoogleCredentialsTest, that_are_no_key_are_a_fault_of_the_file_and_not_shown) {
  dir_.write("key.json", R"({"client_email":"a@b","private_key":"hunter22-hunter22"})");
  file("google: { key: \"${file:key.json}\", " + kScope + " }", {"path: /google/data"});
  auto done = pollux({"check"});
  EXPECT_EQ(done.exit, 2);
  EXPECT_THAT(done.out + done.err,
              AllOf(HasSubstr("its `private_key` is no private key in PEM"), Not(HasSubstr("hunter22"))));
}

TEST_F(GoogleCredentialsTest, are_taken_by_the_mock_of_google) {
  const auto mock = std::filesystem::path(POLLUX_SOURCE_DIR) / "../shared/oracle/mock-google.mjs";
  if (!std::filesystem::exists(mock)) GTEST_SKIP() << "the mock of Google is not beside this tree";
  if (!find_program("node")) GTEST_SKIP() << "node is not installed";
  const auto port = std::to_string(free_port());
  Process server({{"node", mock.string(), "--port", port, "--public-key", (dir_ / "public.pem").string(),
                   "--iss", kFirst},
                  {},
                  {}});
  ASSERT_TRUE(eventually([&] { return listening(static_cast<std::uint16_t>(std::stoi(port))); }))
      << server.err();
  variables_["API"] = "http://127.0.0.1:" + port;
  key_file("key.json", kFirst, variables_["API"] + "/token");
  const std::string report =
      "path: \"/v1beta/properties/1234:runReport\", json: { metrics: [ { name: sessions } ], dateRanges: [ { "
      "startDate: yesterday, endDate: yesterday } ] }";
  for (const std::string& what :
       {kScope, std::string("audience: \"https://analyticsdata.googleapis.com/\"")}) {
    forget();
    file("google: { key: \"${file:key.json}\", " + what + " }", {report});
    auto done = once();
    EXPECT_EQ(done.exit, 0) << done.out << done.err;
    EXPECT_THAT(published(), HasSubstr("analyticsData#runReport"));
  }
}

}  // namespace
}  // namespace pollux::test
