// SPDX-License-Identifier: Apache-2.0
// The S3 store against a real S3 server. store_contract_test.cpp runs the common contract on it; this is what
// only S3 has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "net/curl_client.hpp"
#include "poll/publish/s3_store.hpp"
#include "tests/support/radosgw.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::publish {
namespace {

using testing::HasSubstr;

class S3Radosgw : public testing::Test {
 protected:
  static constexpr const char* kBucket = "real-server";

  void SetUp() override {
    POLLUX_NEEDS_RADOSGW();
    server_ = test::shared_radosgw().server;
    auto made = server_->create_bucket(kBucket);
    ASSERT_TRUE(made) << made.error().text();
    config_ = server_->store(kBucket);
  }
  Result<void> put(Object object) {
    S3Store store(config_, client_, clock_, pool_, quick());
    return test::run_task(io_, store.put(std::move(object)));
  }
  Result<std::optional<Object>> get(std::string path) {
    S3Store store(config_, client_, clock_, pool_, quick());
    return test::run_task(io_, store.get(std::move(path)));
  }
  /// As anybody on the web asks.
  net::HttpResponse anonymous(const std::string& url, net::Headers headers = {}) {
    net::HttpRequest request;
    request.url = url;
    request.headers = std::move(headers);
    request.decompress = false;
    auto answer = test::run_task(io_, client_.send(std::move(request)));
    EXPECT_TRUE(answer) << answer.error().text();
    return answer ? *answer : net::HttpResponse();
  }
  std::string url_of(const std::string& key) const {
    return fmt::format("{}/{}/{}", server_->endpoint(), kBucket, percent_encode(key, true));
  }
  static S3Tuning quick() {
    S3Tuning tuning;
    tuning.retry.from = Millis(1);
    return tuning;
  }

  test::Radosgw* server_ = nullptr;
  config::S3Store config_;
  SystemClock clock_;
  asio::io_context io_;
  net::CurlClient client_{io_};
  asio::thread_pool pool_{1};
};

TEST_F(S3Radosgw, says_which_key_to_check_when_the_secret_is_wrong) {
  config_.secret_access_key = Secret("a-wrong-secret");
  auto done = put({"waittime.json", "{}", "application/json", ""});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kForbidden);
  EXPECT_EQ(done.error().message,
            fmt::format("s3 bucket {} at 127.0.0.1:{}: PUT waittime.json: 403 SignatureDoesNotMatch; check "
                        "secret_access_key",
                        kBucket, server_->port()));
}

TEST_F(S3Radosgw, says_so_when_the_access_key_is_unknown) {
  config_.access_key_id = "AKNOBODY";
  EXPECT_THAT(put({"a.json", "{}", "", ""}).error().message,
              HasSubstr("403 InvalidAccessKeyId; check access_key_id"));
}

TEST_F(S3Radosgw, says_so_when_the_bucket_is_unknown) {
  config_.bucket = "no-such-bucket-here";
  auto done = put({"a.json", "{}", "", ""});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kStorage);
  EXPECT_THAT(done.error().message, HasSubstr("404 NoSuchBucket; create the bucket"));
  EXPECT_FALSE(get("a.json")) << "an unknown bucket is not an object that is not there";
}

TEST_F(S3Radosgw, is_written_to_with_a_clock_that_is_wrong) {
  FixedClock late(clock_.now() - std::chrono::hours(3));
  S3Store store(config_, client_, late, pool_, quick());
  auto done = test::run_task(io_, store.put({"late.json", "{}", "", ""}));
  ASSERT_TRUE(done) << done.error().text();
  FixedClock lost(clock_.now() - std::chrono::hours(48));
  S3Store other(config_, client_, lost, pool_, quick());
  done = test::run_task(io_, other.put({"late.json", "{}", "", ""}));
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("403 RequestTimeTooSkewed; correct this machine's clock"));
}

TEST_F(S3Radosgw, says_so_when_nothing_listens_at_the_endpoint) {
  config_.endpoint = fmt::format("http://127.0.0.1:{}", test::free_port());
  auto done = put({"a.json", "{}", "", ""});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kNetwork);
  EXPECT_EQ(done.error().retry, Retry::later());
  EXPECT_THAT(done.error().message, HasSubstr("PUT a.json"));
  EXPECT_THAT(done.error().message, HasSubstr("after 4 attempts"));
}

TEST_F(S3Radosgw, shows_anybody_the_object_with_its_headers_once_a_policy_allows_it) {
  std::string body = "{\"fill\":\"" + std::string(2000, 'x') + "\"}";
  ASSERT_TRUE(put({"1.0/waittime.json", body, "application/json", "max-age=30, stale-while-revalidate=60"}));
  ASSERT_TRUE(put({"small.json", "{}", "application/json", ""}));
  auto opened = server_->allow_public_read(kBucket);
  ASSERT_TRUE(opened) << opened.error().text();

  auto large = anonymous(url_of("1.0/waittime.json"));
  EXPECT_EQ(large.status, 200);
  EXPECT_EQ(large.header("Content-Type"), "application/json");
  EXPECT_EQ(large.header("Cache-Control"), "max-age=30, stale-while-revalidate=60");
  EXPECT_EQ(large.header("Content-Encoding"), "gzip");
  EXPECT_FALSE(large.header("ETag").empty());
  EXPECT_EQ(gunzip(large.body, Bytes{1 << 20}), body);

  auto small = anonymous(url_of("small.json"));
  EXPECT_EQ(small.body, "{}");
  EXPECT_EQ(small.header("Content-Encoding"), "");
  EXPECT_EQ(small.header("Cache-Control"), "");
}

TEST_F(S3Radosgw, shows_anybody_nothing_without_a_policy_or_an_acl) {
  auto made = server_->create_bucket("closed-bucket");
  ASSERT_TRUE(made) << made.error().text();
  config_ = server_->store("closed-bucket");
  ASSERT_TRUE(put({"a.json", "{}", "application/json", ""}));
  EXPECT_EQ(anonymous(server_->endpoint() + "/closed-bucket/a.json").status, 403);
  config_.acl = "public-read";
  ASSERT_TRUE(put({"b.json", "{}", "application/json", ""}));
  EXPECT_EQ(anonymous(server_->endpoint() + "/closed-bucket/b.json").status, 200)
      << "the canned ACL opens this one";
}

TEST_F(S3Radosgw, serves_odd_keys_to_anybody_under_their_encoded_names) {
  ASSERT_TRUE(server_->allow_public_read(kBucket));
  for (const char* key :
       {"a b+c.json", "ünï/世界.json", "100%.json", "q?x=1&y#z.json", "!$&'()*,;=:@[].json"}) {
    ASSERT_TRUE(put({key, key, "text/plain", ""})) << key;
    EXPECT_EQ(anonymous(url_of(key)).body, key);
  }
}

TEST_F(S3Radosgw, is_reached_by_the_buckets_own_host_too) {
  config_.endpoint = fmt::format("http://localhost:{}", server_->port());
  config_.addressing = config::S3Store::Addressing::kVirtualHost;
  ASSERT_TRUE(put({"virtual host.json", "[1]", "application/json", ""}));
  config_ = server_->store(kBucket);
  EXPECT_EQ(get("virtual host.json")->value().body, "[1]") << "both ways lead to the same object";
}

TEST_F(S3Radosgw, has_a_session_token_accepted_because_it_is_signed) {
  config_.session_token = Secret("FwoG//token+with/signs==");
  auto done = put({"token.json", "{}", "application/json", ""});
  ASSERT_TRUE(done) << done.error().text();
  config_.secret_access_key = Secret("a-wrong-secret");
  EXPECT_THAT(put({"token.json", "{}", "", ""}).error().message, HasSubstr("SignatureDoesNotMatch"));
}

TEST_F(S3Radosgw, lets_exactly_one_of_two_racing_writers_write) {
  S3Store one(config_, client_, clock_, pool_, quick());
  S3Store two(config_, client_, clock_, pool_, quick());
  Fence seen_by_one, seen_by_two;
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE(round);
    std::vector<std::string> outcomes;
    auto write = [&](S3Store& to, Fence& fence, std::string body) -> Task<> {
      Object object{"race.json", body, "application/json", ""};
      auto done = co_await to.put_fenced(std::move(object), fence);
      outcomes.push_back(done ? body : std::string(kind_name(done.error().kind)));
    };
    auto both = [&]() -> Task<> {
      auto executor = co_await asio::this_coro::executor;
      auto other =
          asio::co_spawn(executor, write(two, seen_by_two, fmt::format("two-{}", round)), asio::deferred);
      auto first =
          asio::co_spawn(executor, write(one, seen_by_one, fmt::format("one-{}", round)), asio::deferred);
      auto group = asio::experimental::make_parallel_group(std::move(other), std::move(first));
      co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
    };
    test::run_task(io_, both());
    EXPECT_THAT(outcomes, testing::UnorderedElementsAre("fenced", testing::EndsWith(std::to_string(round))));
    auto now = test::run_task(io_, one.get_fenced("race.json", seen_by_one));
    ASSERT_TRUE(now && *now);
    EXPECT_THAT(outcomes, testing::Contains((*now)->body)) << "the winner's, and whole";
    seen_by_two = seen_by_one;
  }
}

TEST_F(S3Radosgw, takes_a_large_object_in_parts) {
  config_.gzip = false;
  S3Tuning tuning = quick();
  tuning.parts_from = Bytes{6 << 20};
  tuning.part = Bytes{5 << 20};
  S3Store store(config_, client_, clock_, pool_, tuning);
  std::string body;
  while (body.size() < (12U << 20)) body += fmt::format("{},", body.size());
  auto done = test::run_task(io_, store.put({"in parts.csv", body, "text/csv", "max-age=9"}));
  ASSERT_TRUE(done) << done.error().text();
  auto read = test::run_task(io_, store.get("in parts.csv"));
  ASSERT_TRUE(read && *read);
  EXPECT_TRUE((*read)->body == body);
  EXPECT_EQ((*read)->content_type, "text/csv");
  EXPECT_EQ((*read)->cache_control, "max-age=9");
}

TEST_F(S3Radosgw, answers_a_page_of_an_allowed_origin_after_the_harness_set_the_rule) {
  ASSERT_TRUE(server_->allow_public_read(kBucket));
  auto set = server_->allow_origins(kBucket, {"https://www.example.gov"});
  ASSERT_TRUE(set) << set.error().text();
  ASSERT_TRUE(put({"cors.json", "{}", "application/json", ""}));
  auto allowed = anonymous(url_of("cors.json"), {{"Origin", "https://www.example.gov"}});
  EXPECT_EQ(allowed.header("Access-Control-Allow-Origin"), "https://www.example.gov");
  auto other = anonymous(url_of("cors.json"), {{"Origin", "https://other.example"}});
  EXPECT_EQ(other.header("Access-Control-Allow-Origin"), "");
}

}  // namespace
}  // namespace pollux::publish
