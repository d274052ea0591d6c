// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/key_endpoints.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <fstream>

#include "tests/support/fake_http_client.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::publish {
namespace {

using net::HttpRequest;
using test::response;
using testing::HasSubstr;

constexpr const char* kKeys =
    R"({"Code":"Success","AccessKeyId":"AKNEW","SecretAccessKey":"the-new-secret","Token":"the-new-token",)"
    R"("Expiration":"2026-01-02T06:00:00Z"})";

class KeyEndpointsTest : public testing::Test {
 protected:
  KeyEndpointsTest() {
    store_.bucket = "pub";
    store_.proxy = Secret("http://egress.internal:8080");
  }
  Result<GivenKeys> ask() {
    S3RetryRules retry;
    retry.from = Millis(1);
    KeyEndpoints endpoints(store_,
                           {client_, clock_, pool_, {&redactor_, nullptr}, retry, [] { return 0.5; }});
    return test::run_task(io_, endpoints.ask());
  }
  static std::string header(const HttpRequest& request, std::string_view name) {
    return std::string(net::find_header(request.headers, name));
  }
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(dir_ / name, std::ios::trunc) << text;
    return dir_ / name;
  }

  config::S3Store store_;
  FixedClock clock_{Time(std::chrono::sys_days(std::chrono::year(2026) / 1 / 2))};
  Redactor redactor_;
  test::TempDir dir_;
  std::function<Result<net::HttpResponse>(const HttpRequest&)> answer_;
  test::FakeHttpClient client_{[this](const HttpRequest& r) { return answer_(r); }};
  asio::io_context io_;
  asio::thread_pool pool_{1};
};

TEST_F(KeyEndpointsTest, an_instance_is_asked_with_a_session_and_without_the_proxy) {
  store_.renewed_keys = config::InstanceKeys{};
  answer_ = [](const HttpRequest& r) -> Result<net::HttpResponse> {
    if (r.url.ends_with("/latest/api/token")) return response(r.method == "PUT" ? 200 : 405, "the-session");
    if (header(r, "X-aws-ec2-metadata-token") != "the-session") return response(401, "");
    if (r.url.ends_with("/security-credentials/")) return response(200, "web role\nother\n");
    return r.url.ends_with("/security-credentials/web%20role") ? response(200, kKeys) : response(404, "");
  };
  auto keys = ask();
  ASSERT_TRUE(keys) << keys.error().text();
  EXPECT_EQ(keys->keys.access_key_id, "AKNEW");
  EXPECT_EQ(keys->lifetime, std::chrono::hours(6));
  EXPECT_EQ(redactor_.redact("the-session"), "***");
  ASSERT_EQ(client_.requests.size(), 3U);
  for (const auto& request : client_.requests) {
    EXPECT_EQ(request.url.find("http://169.254.169.254/latest/"), 0U);
    EXPECT_EQ(request.way, net::WayOut());
    EXPECT_LE(request.connect_timeout, std::chrono::seconds(1));
  }
}

TEST_F(KeyEndpointsTest, an_instance_without_a_role_says_so) {
  store_.renewed_keys = config::InstanceKeys{};
  answer_ = [](const HttpRequest& r) { return response(r.method == "PUT" ? 200 : 404, "the-session"); };
  EXPECT_EQ(ask().error().message,
            "no credentials: 404 from 169.254.169.254, the instance's metadata; has the instance a role?");
}

TEST_F(KeyEndpointsTest, a_containers_token_is_read_from_its_file_each_time) {
  store_.renewed_keys =
      config::ContainerKeys{"http://127.0.0.1:99/k", Secret("not this one"), write("token", "token-one\n")};
  answer_ = [](const HttpRequest&) { return response(200, kKeys); };
  ASSERT_TRUE(ask());
  write("token", "token-two");
  ASSERT_TRUE(ask());
  EXPECT_EQ(header(client_.requests.at(0), "Authorization"), "token-one");
  EXPECT_EQ(header(client_.requests.at(1), "Authorization"), "token-two");
  EXPECT_EQ(redactor_.redact("token-two"), "***");
  write("token", "");
  EXPECT_THAT(ask().error().message, HasSubstr("token holds no token"));
}

TEST_F(KeyEndpointsTest, the_life_of_keys_is_counted_by_the_clock_of_who_gave_them) {
  store_.renewed_keys = config::ContainerKeys{"http://127.0.0.1:99/k", std::nullopt, {}};
  answer_ = [](const HttpRequest&) {
    return response(200, kKeys, {{"Date", "Fri, 02 Jan 2026 05:00:00 GMT"}});
  };
  EXPECT_EQ(ask()->lifetime, std::chrono::hours(1));
  answer_ = [](const HttpRequest&) {
    return response(200, kKeys, {{"Date", "Fri, 02 Jan 2026 06:00:00 GMT"}});
  };
  EXPECT_THAT(ask().error().message, HasSubstr("have ended already"));
}

constexpr const char* kSts =
    "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
    "<SessionToken>t</SessionToken><SecretAccessKey>s</SecretAccessKey><Expiration>2026-01-02T01:00:00Z"
    "</Expiration><AccessKeyId>AKSTS</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult>"
    "</AssumeRoleWithWebIdentityResponse>";

TEST_F(KeyEndpointsTest, a_web_identity_is_exchanged_by_the_stores_own_way) {
  store_.renewed_keys = config::WebIdentityKeys{write("jwt", "head.body.sign\n"), "arn:aws:iam::1:role/x",
                                                "pollux", "https://sts.eu-west-3.amazonaws.com"};
  answer_ = [](const HttpRequest&) { return response(200, kSts); };
  auto keys = ask();
  ASSERT_TRUE(keys) << keys.error().text();
  EXPECT_EQ(keys->keys.access_key_id, "AKSTS");
  EXPECT_EQ(keys->lifetime, std::chrono::hours(1));
  const auto& sent = client_.requests.at(0);
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.url, "https://sts.eu-west-3.amazonaws.com/") << "no token in an address";
  EXPECT_EQ(sent.way.proxy, store_.proxy);
  EXPECT_EQ(sent.body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx&"
            "RoleSessionName=pollux&WebIdentityToken=head.body.sign");
  EXPECT_EQ(redactor_.redact("head.body.sign"), "***");
}

TEST_F(KeyEndpointsTest, a_refusal_is_told_by_its_code_and_a_passing_fault_is_tried_again) {
  store_.renewed_keys =
      config::WebIdentityKeys{write("jwt", "head.body.sign"), "arn", "pollux", "https://sts.example"};
  answer_ = [](const HttpRequest& r) {
    return response(403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>" + r.body +
                             "</Message></Error></ErrorResponse>");
  };
  EXPECT_EQ(ask().error().message, "no credentials: 403 from sts.example (AccessDenied)");
  EXPECT_EQ(client_.requests.size(), 1U);
  answer_ = [this](const HttpRequest&) -> Result<net::HttpResponse> {
    if (client_.requests.size() < 4) return response(503, "");
    return response(200, kSts);
  };
  EXPECT_TRUE(ask());
  EXPECT_EQ(client_.requests.size(), 4U);
}

}  // namespace
}  // namespace pollux::publish
