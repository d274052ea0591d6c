// SPDX-License-Identifier: Apache-2.0
// What the S3 store sends and how it reads what comes back. s3_refusal_test.cpp has what goes wrong,
// s3_radosgw_test.cpp the real server.
#include "poll/publish/s3_store_test.hpp"

#include "base/digest.hpp"
#include "base/encoding.hpp"

namespace pollux::publish {
namespace {

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

TEST_F(S3StoreTest, asks_for_encryption_and_checksums_where_the_file_does) {
  ASSERT_TRUE(put({"a.json", "123456789", "", ""}));
  EXPECT_EQ(header(client_.seen[0], "X-Amz-Server-Side-Encryption"), "");
  EXPECT_EQ(header(client_.seen[0], "X-Amz-Checksum-Crc32"), "");
  config_.encryption = "aws:kms";
  config_.encryption_key = "arn:aws:kms:eu-west-3:1:key/x";
  config_.checksum = config::S3Store::Checksum::kCrc32;
  ASSERT_TRUE(put({"a.json", "123456789", "", ""}));
  const auto& sent = client_.seen[1];
  EXPECT_EQ(header(sent, "X-Amz-Server-Side-Encryption"), "aws:kms");
  EXPECT_EQ(header(sent, "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"), "arn:aws:kms:eu-west-3:1:key/x");
  EXPECT_EQ(header(sent, "X-Amz-Checksum-Crc32"), "y/Q5Jg==") << "0xCBF43926, as every CRC-32 of this text";
  EXPECT_THAT(header(sent, "Authorization"), HasSubstr("x-amz-checksum-crc32;"));
  config_.checksum = config::S3Store::Checksum::kSha256;
  ASSERT_TRUE(put({"a.json", std::string(2000, 'a'), "", ""}));
  EXPECT_EQ(header(client_.seen[2], "X-Amz-Checksum-Sha256"), base64(sha256(client_.seen[2].body)))
      << "of what is sent, which is compressed";
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

}  // namespace
}  // namespace pollux::publish
