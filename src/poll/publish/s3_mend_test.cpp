// SPDX-License-Identifier: Apache-2.0
// What the S3 store puts right by itself, once: a bucket in another region, a clock that is wrong, keys that
// have ended, a server that is asked for too much.
#include "base/units.hpp"
#include "poll/publish/s3_store_test.hpp"

namespace pollux::publish {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class S3Mend : public S3StoreTest {
 protected:
  S3Mend() {
    config_.endpoint = "";
    config_.region = "us-east-1";
  }
  static HttpResponse elsewhere(const std::string& region) {
    return {301, {{"x-amz-bucket-region", region}}, "<Error><Code>PermanentRedirect</Code></Error>"};
  }
  HttpResponse skewed(std::chrono::seconds by) const {
    auto out = refusal(403, "RequestTimeTooSkewed");
    out.headers = {{"Date", format_http_date(clock_.now() + by)}};
    return out;
  }
  Result<void> put(S3Store& to) { return test::run_task(io_, to.put({"a.json", "{}", "", ""})); }
};

TEST_F(S3Mend, follows_a_bucket_to_its_region_and_remembers_it) {
  client_.answers = {elsewhere("eu-west-3")};
  auto to = store();
  const std::string before = to.target();
  ASSERT_TRUE(put(to));
  ASSERT_TRUE(put(to));
  ASSERT_EQ(client_.seen.size(), 3U) << "the second time it goes there at once";
  EXPECT_EQ(client_.seen[0].url, "https://pub.s3.us-east-1.amazonaws.com/a.json");
  for (std::size_t i : {1, 2}) {
    EXPECT_EQ(client_.seen[i].url, "https://pub.s3.eu-west-3.amazonaws.com/a.json");
    EXPECT_THAT(header(client_.seen[i], "Authorization"), HasSubstr("/eu-west-3/s3/aws4_request"));
  }
  EXPECT_EQ(to.target(), before) << "it is the same bucket";
  EXPECT_THAT(lines_,
              ElementsAre(HasSubstr("it is in eu-west-3, not in us-east-1: followed; write `region:")));
}

TEST_F(S3Mend, follows_once_and_no_further) {
  client_.answers = {elsewhere("eu-west-3"), elsewhere("us-east-1")};
  auto to = store();
  auto done = put(to);
  ASSERT_FALSE(done);
  EXPECT_EQ(client_.seen.size(), 2U);
  EXPECT_THAT(done.error().message, HasSubstr("301 PermanentRedirect"));
}

TEST_F(S3Mend, follows_to_no_host_that_a_server_makes_up) {
  for (const char* region : {"evil.example/", "x@evil", "EU", ""}) {
    client_.seen.clear();
    client_.answers = {elsewhere(region)};
    auto to = store();
    EXPECT_FALSE(put(to)) << region;
    EXPECT_EQ(client_.seen.size(), 1U);
  }
}

TEST_F(S3Mend, signs_for_the_region_that_an_endpoint_of_ones_own_names) {
  config_.endpoint = "https://s3.example.gov";
  client_.answers = {HttpResponse{
      400, {}, "<Error><Code>AuthorizationHeaderMalformed</Code><Region>garage</Region></Error>"}};
  auto to = store();
  ASSERT_TRUE(put(to));
  EXPECT_EQ(client_.seen.at(1).url, "https://s3.example.gov/pub/a.json");
  EXPECT_THAT(header(client_.seen.at(1), "Authorization"), HasSubstr("/garage/s3/"));
  client_.answers = {elsewhere("eu-west-3")};
  EXPECT_FALSE(put(to)) << "its host is not found by a region";
}

TEST_F(S3Mend, signs_for_the_servers_time_when_the_clock_is_wrong) {
  client_.answers = {skewed(std::chrono::hours(3))};
  auto to = store();
  ASSERT_TRUE(put(to));
  ASSERT_TRUE(put(to));
  EXPECT_EQ(header(client_.seen.at(0), "X-Amz-Date"), "20260102T030405Z");
  EXPECT_EQ(header(client_.seen.at(1), "X-Amz-Date"), "20260102T060405Z");
  EXPECT_EQ(header(client_.seen.at(2), "X-Amz-Date"), "20260102T060405Z");
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("this machine's clock is 3 h 0 min behind that of")));
  client_.answers = {skewed(std::chrono::seconds(1))};
  ASSERT_TRUE(put(to)) << "somebody has put the clock right";
  EXPECT_EQ(header(client_.seen.back(), "X-Amz-Date"), "20260102T030406Z");
}

TEST_F(S3Mend, believes_no_time_that_is_far_off_or_would_not_help) {
  for (auto by :
       {std::chrono::seconds(25 * 3600), -std::chrono::seconds(25 * 3600), std::chrono::seconds(30)}) {
    client_.answers = {skewed(by)};
    auto to = store();
    auto done = put(to);
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().message, HasSubstr("RequestTimeTooSkewed; correct this machine's clock"));
  }
  client_.answers = {skewed(std::chrono::hours(3)), skewed(std::chrono::hours(6))};
  auto to = store();
  EXPECT_FALSE(put(to)) << "once for a request";
}

constexpr const char* kKeys =
    R"({"AccessKeyId":"AKNEW","SecretAccessKey":"the-new-secret","Token":"the-new-token",)"
    R"("Expiration":"2026-01-02T09:00:00Z"})";

TEST_F(S3Mend, asks_for_other_keys_when_the_server_says_that_these_have_ended) {
  config_.renewed_keys = config::ContainerKeys{"http://169.254.170.2/x", Secret("pass-for-keys"), {}};
  config_.proxy = Secret("http://egress.internal:8080");
  client_.answers = {HttpResponse{200, {}, kKeys}, refusal(400, "ExpiredToken"),
                     HttpResponse{200, {}, kKeys}};
  auto to = store();
  ASSERT_TRUE(put(to));
  ASSERT_THAT(client_.seen, SizeIs(4));
  for (std::size_t i : {0, 2}) {
    EXPECT_EQ(client_.seen[i].url, "http://169.254.170.2/x");
    EXPECT_EQ(client_.seen[i].way.proxy, std::nullopt) << "metadata is no proxy's business";
    EXPECT_EQ(header(client_.seen[i], "Authorization"), "pass-for-keys");
  }
  EXPECT_EQ(client_.seen[3].way.proxy, config_.proxy);
  EXPECT_EQ(header(client_.seen[3], "X-Amz-Security-Token"), "the-new-token");
  EXPECT_THAT(header(client_.seen[3], "Authorization"), HasSubstr("Credential=AKNEW/"));
  EXPECT_EQ(redactor_.redact("the-new-secret, the-new-token"), "***, ***");
}

TEST_F(S3Mend, does_not_ask_for_other_keys_where_the_file_has_the_only_ones) {
  client_.answers = {refusal(400, "ExpiredToken")};
  auto to = store();
  EXPECT_FALSE(put(to));
  EXPECT_THAT(client_.seen, SizeIs(1));
}

TEST_F(S3Mend, says_who_gave_no_keys_and_sends_nothing_to_the_bucket) {
  config_.renewed_keys = config::ContainerKeys{"http://169.254.170.2/x", std::nullopt, {}};
  client_.answers = {HttpResponse{403, {}, "hidden words"}};
  auto to = store();
  auto done = put(to);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kForbidden);
  EXPECT_EQ(done.error().message,
            "s3 bucket pub at pub.s3.us-east-1.amazonaws.com: PUT a.json: no credentials: 403 from "
            "169.254.170.2, the container's endpoint");
  EXPECT_THAT(client_.seen, SizeIs(1));
}

TEST_F(S3Mend, slows_down_all_that_is_written_to_the_store) {
  tuning_.retry.from = Millis(40);
  tuning_.chance = [] { return 0.0; };
  client_.answers = {refusal(503, "SlowDown"), refusal(503, "SlowDown")};
  auto to = store();
  auto started = std::chrono::steady_clock::now();
  ASSERT_TRUE(put(to));
  EXPECT_GE(std::chrono::steady_clock::now() - started, Millis(80))
      << "no wait of its own, two of the store's";
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("503 from pub.s3.us-east-1.amazonaws.com: all that is written")));
}

}  // namespace
}  // namespace pollux::publish
