// SPDX-License-Identifier: Apache-2.0
// The S3 store against a client that answers from a script: retries, messages, headers. s3_radosgw_test.cpp
// has the real one.
#include "poll/publish/s3_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <deque>
#include <vector>

#include "base/digest.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::publish {
namespace {

using net::HttpRequest;
using net::HttpResponse;
using testing::HasSubstr;
using testing::Not;
using Answer = Result<HttpResponse>;

class ScriptedClient final : public net::HttpClient {
 public:
  Task<Answer> send(HttpRequest request) override {
    seen.push_back(std::move(request));
    if (answers.empty()) co_return HttpResponse{200, {}, ""};
    auto answer = std::move(answers.front());
    answers.pop_front();
    co_return answer;
  }
  std::deque<Answer> answers;
  std::vector<HttpRequest> seen;
};

std::string header(const HttpRequest& request, std::string_view name) {
  auto found = std::ranges::find(request.headers, name, &std::pair<std::string, std::string>::first);
  return found == request.headers.end() ? "" : found->second;
}

HttpResponse refusal(int status, const std::string& code, const std::string& message = "") {
  return {status, {}, "<Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>"};
}

class S3StoreTest : public testing::Test {
 protected:
  S3StoreTest() {
    config_.bucket = "pub";
    config_.endpoint = "https://s3.example.gov";
    config_.access_key_id = "AKPOLLUX";
    config_.secret_access_key = Secret("the-secret-key");
    tuning_.retry.from = Millis(1);
    tuning_.chance = [] { return 0.5; };
  }
  S3Store store() { return {config_, client_, clock_, pool_, tuning_}; }
  Result<void> put(Object object) {
    auto to = store();
    return test::run_task(io_, to.put(std::move(object)));
  }
  Result<std::optional<Object>> get(std::string path) {
    auto from = store();
    return test::run_task(io_, from.get(std::move(path)));
  }
  std::string refused_with(HttpResponse response) {
    client_.answers = {std::move(response)};
    auto done = put({"waittime.json", "{}", "application/json", ""});
    return done ? "accepted" : done.error().message;
  }

  config::S3Store config_;
  S3Tuning tuning_;
  ScriptedClient client_;
  FixedClock clock_{Time(std::chrono::seconds(1767323045))};
  asio::io_context io_;  // outlives the pool, whose threads may still be waking it
  asio::thread_pool pool_{1};
};

TEST_F(S3StoreTest, sends_headers_hash_and_signature_of_what_it_sends) {
  config_.prefix = "1.0/";
  std::string body(2000, 'a');
  ASSERT_TRUE(put({"wait time.json", body, "application/json", "max-age=30"}));
  const auto& sent = client_.seen.at(0);
  EXPECT_EQ(sent.method, "PUT");
  EXPECT_EQ(sent.url, "https://s3.example.gov/pub/1.0/wait%20time.json");
  EXPECT_EQ(header(sent, "Content-Type"), "application/json");
  EXPECT_EQ(header(sent, "Cache-Control"), "max-age=30");
  EXPECT_EQ(header(sent, "Content-Encoding"), "gzip");
  EXPECT_EQ(header(sent, "X-Amz-Content-Sha256"), sha256_hex(sent.body));
  EXPECT_EQ(header(sent, "X-Amz-Date"), "20260102T030405Z");
  EXPECT_EQ(header(sent, "X-Amz-Acl"), "") << "new buckets refuse ACLs";
  EXPECT_EQ(header(sent, "X-Amz-Security-Token"), "");
  EXPECT_THAT(header(sent, "Authorization"),
              HasSubstr("Credential=AKPOLLUX/20260102/us-east-1/s3/aws4_request"));
  EXPECT_EQ(gunzip(sent.body, Bytes{10000}), body);
  EXPECT_FALSE(sent.decompress);
}

TEST_F(S3StoreTest, sends_acl_and_session_token_signed_when_it_has_them) {
  config_.acl = "public-read";
  config_.session_token = Secret("the-session-token");
  ASSERT_TRUE(put({"a.json", "{}", "application/json", ""}));
  const auto& sent = client_.seen.at(0);
  EXPECT_EQ(header(sent, "X-Amz-Acl"), "public-read");
  EXPECT_EQ(header(sent, "X-Amz-Security-Token"), "the-session-token");
  EXPECT_THAT(header(sent, "Authorization"),
              HasSubstr(";x-amz-acl;x-amz-content-sha256;x-amz-date;x-amz-security-token"));
}

TEST_F(S3StoreTest, sends_a_body_as_it_is_where_gzip_would_not_help_or_is_off) {
  ASSERT_TRUE(put({"a.json", "{}", "application/json", ""}));
  config_.gzip = false;
  ASSERT_TRUE(put({"a.json", std::string(2000, 'a'), "application/json", ""}));
  for (const auto& sent : client_.seen) EXPECT_EQ(header(sent, "Content-Encoding"), "");
  EXPECT_EQ(client_.seen.at(1).body, std::string(2000, 'a'));
}

TEST_F(S3StoreTest, sends_the_same_for_a_body_that_the_pool_prepares) {
  std::string body(S3Store::kInline + 1, 'a');
  ASSERT_TRUE(put({"a.json", body, "application/json", ""}));
  const auto& sent = client_.seen.at(0);
  EXPECT_EQ(header(sent, "X-Amz-Content-Sha256"), sha256_hex(sent.body));
  EXPECT_EQ(gunzip(sent.body, Bytes{1 << 20}), body);
}

TEST_F(S3StoreTest, goes_by_the_configured_way) {
  config_.proxy = Secret("http://user:pw@egress.internal:8080");
  config_.ca_file = "/etc/ca.pem";
  config_.timeouts = {Millis(1), Millis(2), Millis(3)};
  ASSERT_TRUE(put({"a.json", "{}", "application/json", ""}));
  const auto& sent = client_.seen.at(0);
  EXPECT_EQ(sent.way.proxy, config_.proxy);
  EXPECT_EQ(sent.way.ca_file, config_.ca_file);
  EXPECT_EQ(sent.redirects, HttpRequest::Redirects::kNone);
  EXPECT_EQ(sent.connect_timeout, Millis(1));
  EXPECT_EQ(sent.total_timeout, Millis(2));
  EXPECT_EQ(sent.stall_timeout, Millis(3));
}

TEST_F(S3StoreTest, tries_again_what_passes_and_signs_each_attempt) {
  client_.answers = {refusal(503, "SlowDown"), refusal(409, "OperationAborted"),
                     fail(ErrorKind::kNetwork, "s3.example.gov failed: reset", Retry::later())};
  ASSERT_TRUE(put({"a.json", "{}", "application/json", ""}));
  EXPECT_EQ(client_.seen.size(), 4U);
  for (const auto& sent : client_.seen) {
    EXPECT_EQ(sent.body, "{}");
    EXPECT_EQ(header(sent, "Authorization"), header(client_.seen.at(0), "Authorization"))
        << "the clock stood still";
  }
}

TEST_F(S3StoreTest, gives_up_after_four_attempts_and_says_so) {
  for (int i = 0; i < 6; ++i)
    client_.answers.push_back(refusal(503, "SlowDown", "Reduce your request rate."));
  auto done = put({"waittime.json", "{}", "application/json", ""});
  ASSERT_FALSE(done);
  EXPECT_EQ(client_.seen.size(), 4U);
  EXPECT_EQ(done.error().kind, ErrorKind::kStorage);
  EXPECT_EQ(done.error().retry, Retry::later());
  EXPECT_THAT(done.error().message,
              HasSubstr("s3 bucket pub at s3.example.gov: PUT waittime.json: 503 SlowDown "
                        "(Reduce your request rate.) after 4 attempts in "));
}

TEST_F(S3StoreTest, does_not_try_again_what_cannot_pass) {
  EXPECT_EQ(refused_with(refusal(403, "SignatureDoesNotMatch")),
            "s3 bucket pub at s3.example.gov: PUT waittime.json: 403 SignatureDoesNotMatch; check "
            "secret_access_key");
  EXPECT_EQ(client_.seen.size(), 1U);
}

TEST_F(S3StoreTest, says_what_to_do_about_each_refusal) {
  EXPECT_THAT(refused_with(refusal(403, "AccessDenied")),
              HasSubstr("403 AccessDenied; allow this key s3:PutObject"));
  EXPECT_THAT(refused_with(refusal(404, "NoSuchBucket")), HasSubstr("404 NoSuchBucket; create the bucket"));
  EXPECT_THAT(refused_with(refusal(403, "InvalidAccessKeyId")), HasSubstr("; check access_key_id"));
  EXPECT_THAT(refused_with(refusal(403, "RequestTimeTooSkewed")),
              HasSubstr("; correct this machine's clock"));
  EXPECT_THAT(refused_with(refusal(400, "AccessControlListNotSupported")), HasSubstr("leave acl out"));
  EXPECT_THAT(refused_with(refusal(400, "EntityTooLarge", "too big")),
              HasSubstr("400 EntityTooLarge (too big)"));
  auto moved = refusal(301, "PermanentRedirect");
  moved.headers = {{"x-amz-bucket-region", "eu-west-3"}};
  EXPECT_THAT(refused_with(moved), HasSubstr("correct region and endpoint (the server says eu-west-3)"));
  moved.headers = {{"x-amz-bucket-region", "x; rm <script>"}};
  EXPECT_THAT(refused_with(moved), Not(HasSubstr("script")));
  EXPECT_THAT(refused_with({405, {}, "<html>nginx</html>"}),
              HasSubstr("405; no error document of S3's came with it"));
  EXPECT_THAT(refused_with({302, {{"Location", "https://login/?key=1"}}, ""}),
              HasSubstr("302; no error document"));
}

TEST_F(S3StoreTest, tells_kinds_apart) {
  auto kind_of = [&](Answer answer) {
    client_.answers.clear();
    for (int i = 0; i < 4; ++i) client_.answers.push_back(answer);
    return put({"a.json", "{}", "", ""}).error().kind;
  };
  EXPECT_EQ(kind_of(refusal(403, "AccessDenied")), ErrorKind::kForbidden);
  EXPECT_EQ(kind_of(refusal(404, "NoSuchBucket")), ErrorKind::kStorage);
  EXPECT_EQ(kind_of(fail(ErrorKind::kNetwork, "x", Retry::later())), ErrorKind::kNetwork);
  EXPECT_EQ(kind_of(fail(ErrorKind::kTls, "x")), ErrorKind::kTls);
  EXPECT_EQ(kind_of(fail(ErrorKind::kProxy, "x")), ErrorKind::kProxy);
  EXPECT_EQ(kind_of(fail(ErrorKind::kTruncated, "x")), ErrorKind::kStorage);
  EXPECT_EQ(kind_of(fail(ErrorKind::kCanceled, "x")), ErrorKind::kCanceled);
}

TEST_F(S3StoreTest, tells_the_proxys_refusal_from_the_buckets) {
  HttpResponse denied{403, {{"Proxy-Status", "pollux; error=http_request_denied; details=\"port\""}}, "{}"};
  EXPECT_THAT(refused_with(denied), HasSubstr("no error document of S3's")) << "no proxy is declared";
  config_.proxy = Secret("http://127.0.0.1:3128");
  EXPECT_THAT(refused_with(denied), HasSubstr("no error document of S3's")) << "inside of TLS only S3 speaks";
  config_.endpoint = "http://s3.example.gov";
  config_.proxy = Secret("socks5h://127.0.0.1:1080");
  EXPECT_THAT(refused_with(denied), HasSubstr("no error document of S3's")) << "SOCKS is a tunnel too";
  config_.proxy = Secret("http://127.0.0.1:3128");
  client_.answers = {denied, HttpResponse{407, {}, ""}};
  for (const char* words : {"403 itself: port (http_request_denied); it does not let this host through",
                            "407 itself; check the user and password"}) {
    auto done = put({"a.json", "{}", "", ""});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::kProxy);
    EXPECT_EQ(done.error().retry, Retry::never());
    EXPECT_THAT(done.error().message, HasSubstr(words));
  }
  EXPECT_THAT(refused_with(refusal(403, "AccessDenied")), HasSubstr("403 AccessDenied"));
}

TEST_F(S3StoreTest, never_repeats_a_secret_that_the_server_echoes) {
  config_.session_token = Secret("theSessionToken");
  for (const auto& text : {refused_with(refusal(400, "Odd", "you sent the-secret-key")),
                           refused_with(refusal(400, "Odd", "token=theSessionToken!")),
                           refused_with(refusal(400, "theSessionToken", "x"))}) {
    EXPECT_THAT(text, Not(HasSubstr("the-secret-key")));
    EXPECT_THAT(text, Not(HasSubstr("theSessionToken")));
    EXPECT_THAT(text, HasSubstr("PUT waittime.json: 400"));
  }
}

TEST_F(S3StoreTest, hands_on_how_long_the_server_asks_to_be_left_alone) {
  auto slow = refusal(503, "SlowDown");
  slow.headers = {{"Retry-After", "120"}};
  client_.answers = {slow};
  auto done = put({"a.json", "{}", "", ""});
  ASSERT_FALSE(done);
  EXPECT_EQ(client_.seen.size(), 1U);
  EXPECT_EQ(done.error().retry, Retry::after(std::chrono::seconds(120)));
}

TEST_F(S3StoreTest, undoes_gzip_when_it_reads) {
  auto packed = GzipCompressor().compress(std::string(500, 'z')).value();
  client_.answers = {HttpResponse{
      200, {{"content-encoding", "gzip"}, {"content-type", "a/b"}, {"cache-control", "c"}}, packed}};
  EXPECT_EQ(*get("x"), (Object{"x", std::string(500, 'z'), "a/b", "c"}));
  client_.answers = {HttpResponse{200, {{"Content-Encoding", "gzip"}}, "not gzip"}};
  auto bad = get("x");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().kind, ErrorKind::kStorage);
  EXPECT_THAT(bad.error().message, HasSubstr("s3 bucket pub at s3.example.gov: GET x: not gzip"));
}

TEST_F(S3StoreTest, takes_only_a_missing_key_for_nothing_there) {
  client_.answers = {refusal(404, "NoSuchKey"), refusal(404, "NoSuchBucket"),
                     HttpResponse{404, {}, "<html>"}};
  EXPECT_EQ(*get("x"), std::nullopt);
  EXPECT_FALSE(get("x"));
  EXPECT_FALSE(get("x")) << "some other server's 404";
}

TEST_F(S3StoreTest, says_what_is_wrong_with_its_endpoint_without_a_request) {
  config_.endpoint = "ftp://s3.example.gov";
  auto done = put({"a.json", "{}", "", ""});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kUsage);
  EXPECT_TRUE(client_.seen.empty());
}

TEST_F(S3StoreTest, ends_a_wait_when_it_is_canceled) {
  tuning_.retry.from = tuning_.retry.to = std::chrono::hours(1);
  client_.answers = {refusal(503, "SlowDown")};
  auto to = store();
  asio::cancellation_signal stop;
  std::optional<Result<void>> done;
  auto task = to.put({"a.json", "{}", "", ""});
  asio::co_spawn(
      io_, std::move(task),
      asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr, Result<void> r) { done = r; }));
  while (client_.seen.empty()) io_.run_one();
  io_.poll();
  ASSERT_FALSE(done);
  stop.emit(asio::cancellation_type::terminal);
  io_.poll();
  ASSERT_TRUE(done);
  ASSERT_FALSE(*done);
  EXPECT_EQ(done->error().kind, ErrorKind::kCanceled);
}

}  // namespace
}  // namespace pollux::publish
