// SPDX-License-Identifier: Apache-2.0
// What the S3 store makes of refusals: which it tries again, what it says.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "poll/publish/s3_store_test.hpp"

namespace pollux::publish {
namespace {

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
