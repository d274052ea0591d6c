// SPDX-License-Identifier: Apache-2.0
// Large objects in parts: what is sent, what becomes visible, what is left behind.
#include "poll/publish/s3_multipart.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "poll/publish/s3_store_test.hpp"

namespace pollux::publish {
namespace {

using testing::ElementsAre;

constexpr const char* kBegun =
    "<InitiateMultipartUploadResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Bucket>pub</Bucket>"
    "<UploadId>2~a/b+c</UploadId></InitiateMultipartUploadResult>";
constexpr const char* kDone =
    "<CompleteMultipartUploadResult><ETag>&quot;whole-3&quot;</ETag></CompleteMultipartUploadResult>";

class S3Multipart : public S3StoreTest {
 protected:
  S3Multipart() {
    config_.gzip = false;
    tuning_.parts_from = Bytes{100};
    tuning_.part = Bytes{40};
    for (int i = 0; i < 101; ++i) body_ += static_cast<char>('a' + i % 26);
    client_.answers = {HttpResponse{200, {}, kBegun}, part("p1"), part("p2"), part("p3"),
                       HttpResponse{200, {}, kDone}};
  }
  static HttpResponse part(const std::string& etag) { return {200, {{"ETag", "\"" + etag + "\""}}, ""}; }
  Result<void> put() { return S3StoreTest::put({"big.csv", body_, "text/csv", "max-age=1"}); }
  std::vector<std::string> asked() const {
    std::vector<std::string> out;
    for (const auto& request : client_.seen)
      out.push_back(request.method + " " + request.url.substr(request.url.find("big.csv") + 7));
    return out;
  }

  std::string body_;
};

TEST_F(S3Multipart, sends_the_parts_and_puts_them_together) {
  config_.encryption = "AES256";
  config_.checksum = config::S3Store::Checksum::kSha256;
  ASSERT_TRUE(put());
  EXPECT_THAT(asked(), ElementsAre("POST ?uploads=", "PUT ?partNumber=1&uploadId=2~a%2Fb%2Bc",
                                   "PUT ?partNumber=2&uploadId=2~a%2Fb%2Bc",
                                   "PUT ?partNumber=3&uploadId=2~a%2Fb%2Bc", "POST ?uploadId=2~a%2Fb%2Bc"));
  const auto& begin = client_.seen[0];
  EXPECT_EQ(header(begin, "Content-Type"), "text/csv");
  EXPECT_EQ(header(begin, "Cache-Control"), "max-age=1");
  EXPECT_EQ(header(begin, "X-Amz-Server-Side-Encryption"), "AES256");
  EXPECT_EQ(header(begin, "X-Amz-Checksum-Algorithm"), "SHA256");
  std::string together, sums;
  for (std::size_t i : {1, 2, 3}) {
    const auto& sent = client_.seen[i];
    together += sent.body;
    EXPECT_EQ(header(sent, "X-Amz-Content-Sha256"), sha256_hex(sent.body));
    EXPECT_EQ(header(sent, "X-Amz-Checksum-Sha256"), base64(sha256(sent.body)));
    EXPECT_EQ(header(sent, "X-Amz-Server-Side-Encryption"), "");
  }
  EXPECT_EQ(together, body_);
  EXPECT_THAT(client_.seen[4].body,
              HasSubstr("<Part><PartNumber>3</PartNumber><ETag>\"p3\"</ETag><ChecksumSHA256>" +
                        base64(sha256(client_.seen[3].body)) + "</ChecksumSHA256></Part>"));
}

TEST_F(S3Multipart, is_for_what_is_larger_only) {
  body_.pop_back();
  client_.answers = {};
  ASSERT_TRUE(put());
  EXPECT_THAT(asked(), ElementsAre("PUT "));
}

TEST_F(S3Multipart, tries_a_part_again_by_itself) {
  client_.answers.insert(client_.answers.begin() + 2, refusal(500, "InternalError"));
  ASSERT_TRUE(put());
  EXPECT_EQ(client_.seen.size(), 6U);
  EXPECT_EQ(client_.seen[2].body, client_.seen[3].body);
}

TEST_F(S3Multipart, aborts_what_failed) {
  client_.answers = {HttpResponse{200, {}, kBegun}, part("p1"), refusal(403, "AccessDenied")};
  auto done = put();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kForbidden);
  EXPECT_EQ(asked().back(), "DELETE ?uploadId=2~a%2Fb%2Bc");
  client_.answers = {HttpResponse{200, {}, kBegun}, refusal(403, "AccessDenied"),
                     refusal(403, "AccessDenied")};
  EXPECT_THAT(put().error().message, HasSubstr("its parts could not be removed"));
}

TEST_F(S3Multipart, takes_an_error_in_a_200_for_one) {
  client_.answers[4] = HttpResponse{200, {}, "<Error><Code>InternalError</Code></Error>"};
  client_.answers.push_back(HttpResponse{200, {}, kDone});
  ASSERT_TRUE(put());
  EXPECT_EQ(client_.seen.size(), 6U) << "it was tried again";
}

TEST_F(S3Multipart, knows_its_own_object_again_when_the_last_answer_was_lost) {
  client_.answers[4] = fail(ErrorKind::kNetwork, "reset", Retry::later());
  client_.answers.push_back(refusal(404, "NoSuchUpload"));
  std::string mark;
  client_.on_send = [&](const HttpRequest& request) {
    if (auto sent = header(request, "X-Amz-Meta-Pollux-Mark"); !sent.empty()) mark = sent;
    if (request.method == "HEAD")
      client_.answers = {HttpResponse{200, {{"x-amz-meta-pollux-mark", mark}}, ""}};
  };
  EXPECT_TRUE(put());
  EXPECT_EQ(asked().back(), "HEAD ");
}

TEST_F(S3Multipart, holds_the_fence_when_all_is_put_together) {
  Fence fence{"e1"};
  auto to = store();
  ASSERT_TRUE(test::run_task(io_, to.put_fenced({"big.csv", body_, "", ""}, fence)));
  for (std::size_t i : {0, 1, 2, 3}) EXPECT_EQ(header(client_.seen[i], "If-Match"), "");
  EXPECT_EQ(header(client_.seen[4], "If-Match"), "e1");
  EXPECT_EQ(fence.version, "whole-3");
  client_.answers = {HttpResponse{200, {}, kBegun}, part("p1"), part("p2"), part("p3"),
                     refusal(412, "PreconditionFailed")};
  auto done = test::run_task(io_, to.put_fenced({"big.csv", body_, "", ""}, fence));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kFenced);
  EXPECT_THAT(asked().back(), HasSubstr("DELETE ?uploadId"));
}

TEST_F(S3Multipart, aborts_what_is_canceled) {
  tuning_.retry.from = tuning_.retry.to = std::chrono::hours(1);
  client_.answers = {HttpResponse{200, {}, kBegun}, refusal(500, "InternalError")};
  auto to = store();
  asio::cancellation_signal stop;
  std::optional<Result<void>> done;
  std::exception_ptr thrown;
  auto task = to.put({"big.csv", body_, "", ""});
  asio::co_spawn(io_, std::move(task),
                 asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e, Result<void> r) {
                   thrown = e;
                   done = r;
                 }));
  while (client_.seen.size() < 2) io_.run_one();
  io_.poll();
  ASSERT_FALSE(done);
  stop.emit(asio::cancellation_type::terminal);
  io_.run_for(std::chrono::seconds(10));
  ASSERT_TRUE(done);
  ASSERT_FALSE(thrown);
  ASSERT_FALSE(*done);
  EXPECT_EQ(done->error().kind, ErrorKind::kCanceled);
  EXPECT_THAT(asked().back(), HasSubstr("DELETE ?uploadId"));
}

TEST(S3MultipartAnswers, are_taken_only_where_they_could_be_sent_back) {
  EXPECT_EQ(parse_upload_id("<UploadId>a b</UploadId>"), "");
  EXPECT_EQ(parse_upload_id("<html>"), "");
  EXPECT_EQ(parse_upload_id("<UploadId>" + std::string(2000, 'x') + "</UploadId>"), "");
  EXPECT_EQ(plain_etag("W/\"abc-3\""), "abc-3");
  EXPECT_EQ(plain_etag("\"</ETag>\""), "");
  EXPECT_EQ(plain_etag("\""), "");
}

}  // namespace
}  // namespace pollux::publish
