// SPDX-License-Identifier: Apache-2.0
// `pollux once` into a bucket of a real S3 server (Ceph's radosgw), with the example's own S3 file.
#include <gmock/gmock.h>

#include "tests/support/radosgw.hpp"
#include "tests/system/call_center.hpp"

namespace pollux::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class S3Test : public CallCenter {
 protected:
  void SetUp() override {
    POLLUX_NEEDS_RADOSGW();
    CallCenter::SetUp();
    auto example = std::filesystem::path(POLLUX_SOURCE_DIR) / "examples/wait-times/pollux-s3.yaml";
    write(read_text(example));
    replace("retry: { attempts: 3, backoff: 500ms..5s }", "retry: { attempts: 1 }");
    static int number = 0;
    bucket_ = "system-" + std::to_string(++number);
    auto made = server().create_bucket(bucket_);
    ASSERT_TRUE(made) << made.error().message;
    auto opened = server().allow_public_read(bucket_);
    ASSERT_TRUE(opened) << opened.error().message;
    variables_.insert({{"S3_BUCKET", bucket_},
                       {"S3_ENDPOINT", server().endpoint()},
                       {"AWS_ACCESS_KEY_ID", server().access_key()},
                       {"AWS_SECRET_ACCESS_KEY", server().secret_key().reveal()}});
  }

  static Radosgw& server() { return *shared_radosgw().server; }

  /// As anybody on the web sees it.
  net::HttpResponse public_read(const std::string& path, net::Headers headers = {},
                                bool decompress = true) const {
    net::HttpRequest request;
    request.url = server().endpoint() + "/" + bucket_ + "/" + path;
    request.headers = std::move(headers);
    request.decompress = decompress;
    return ask(std::move(request));
  }
  json::object bucket_status() const {
    return parsed(public_read("_status.json").body).at("polls").at("wait-times").as_object();
  }

  std::string bucket_;
};

TEST_F(S3Test, publishes_an_object_that_anybody_can_read) {
  auto done = once();
  ASSERT_EQ(done.exit, 0) << done.out << done.err;
  auto object = public_read("1.0/waittime.json");
  EXPECT_EQ(object.status, 200) << object.body;
  EXPECT_EQ(parsed(object.body).at("call").at("estimatedWaitTimeSeconds").at("en"), 167);
  EXPECT_THAT(object.header("Content-Type"), HasSubstr("application/json"));
  EXPECT_EQ(object.header("Cache-Control"), "max-age=30, stale-while-revalidate=60");
  auto raw = public_read("1.0/waittime.json", {}, false);
  EXPECT_EQ(raw.header("Content-Encoding"), "gzip");
  EXPECT_EQ(raw.body.substr(0, 2), "\x1f\x8b");
}

TEST_F(S3Test, answers_the_page_of_an_origin_that_the_bucket_allows) {
  ASSERT_TRUE(server().allow_origins(bucket_, {"https://www.example.gov"}));
  ASSERT_EQ(once().exit, 0);
  auto object = public_read("1.0/waittime.json", {{"Origin", "https://www.example.gov"}});
  EXPECT_EQ(object.header("Access-Control-Allow-Origin"), "https://www.example.gov");
}

TEST_F(S3Test, puts_the_status_object_into_the_bucket) {
  ASSERT_EQ(once().exit, 0);
  EXPECT_EQ(text_of(bucket_status(), "state"), "published");
  auto raw = public_read("_status.json");
  EXPECT_EQ(raw.header("Cache-Control"), "no-cache");
  EXPECT_THAT(raw.header("Content-Type"), HasSubstr("application/json"));
}

TEST_F(S3Test, keeps_the_object_byte_for_byte_when_the_upstream_fails) {
  ASSERT_EQ(once().exit, 0);
  auto before = public_read("1.0/waittime.json", {}, false);
  api_.fault({{"match", "/chat/"}, {"fault", "html"}});
  auto kept = once();
  EXPECT_EQ(kept.exit, 1);
  EXPECT_EQ(text_of(run_event(kept.out), "outcome"), "kept");
  auto after = public_read("1.0/waittime.json", {}, false);
  EXPECT_EQ(after.body, before.body);
  EXPECT_EQ(after.header("Last-Modified"), before.header("Last-Modified"));
  EXPECT_EQ(text_of(bucket_status(), "state"), "kept");
  EXPECT_EQ(text_of(bucket_status(), "reason"), "the source sent data that could not be read");
}

TEST_F(S3Test, does_not_write_what_is_the_same) {
  replace("timestamp: $fetched_at", "timestamp: 1700000000");
  ASSERT_EQ(once().exit, 0);
  auto before = std::string(public_read("1.0/waittime.json").header("Last-Modified"));
  ASSERT_TRUE(eventually([&] {  // until a second write would show
    auto now = public_read("1.0/waittime.json");
    return !before.empty() && now.header("Date") > before;
  }));
  auto again = once();
  EXPECT_EQ(text_of(run_event(again.out), "outcome"), "unchanged");
  EXPECT_EQ(public_read("1.0/waittime.json").header("Last-Modified"), before);
}

TEST_F(S3Test, says_what_is_wrong_with_a_wrong_secret_but_not_the_secret) {
  variables_["AWS_SECRET_ACCESS_KEY"] = "this-is-not-the-secret-of-the-bucket";
  auto done = once();
  EXPECT_EQ(done.exit, 1);
  auto event = run_event(done.out);
  EXPECT_EQ(text_of(event, "outcome"), "failed");
  EXPECT_EQ(text_of(event, "reason"), "storage");
  EXPECT_EQ(text_of(event, "where"), "store public");
  EXPECT_THAT(text_of(event, "message"),
              AllOf(HasSubstr("403 SignatureDoesNotMatch"), HasSubstr("check secret_access_key")));
  EXPECT_THAT(done.out + done.err, Not(HasSubstr(variables_["AWS_SECRET_ACCESS_KEY"])));
  EXPECT_THAT(done.out, HasSubstr("_status.json was not written"));
  EXPECT_EQ(public_read("1.0/waittime.json").status, 404 - 1) << "a bucket that cannot be listed says 403";
}

TEST_F(S3Test, keeps_what_is_there_when_the_secret_goes_wrong) {
  ASSERT_EQ(once().exit, 0);
  auto before = public_read("1.0/waittime.json", {}, false).body;
  variables_["AWS_SECRET_ACCESS_KEY"] = "this-is-not-the-secret-of-the-bucket";
  auto kept = once({"--at", "2026-01-31"});
  EXPECT_EQ(text_of(run_event(kept.out), "outcome"), "kept");
  EXPECT_EQ(public_read("1.0/waittime.json", {}, false).body, before);
}

TEST_F(S3Test, says_that_an_endpoint_cannot_be_reached) {
  variables_["S3_ENDPOINT"] = "http://127.0.0.1:" + std::to_string(free_port());
  auto done = once();
  EXPECT_EQ(done.exit, 1);
  auto event = run_event(done.out);
  EXPECT_EQ(text_of(event, "where"), "store public");
  EXPECT_THAT(text_of(event, "message"),
              AllOf(HasSubstr("could not be reached"), HasSubstr("nothing was published")));
}

TEST_F(S3Test, says_that_a_bucket_is_not_there) {
  variables_["S3_BUCKET"] = "nobody-made-this-one";
  auto done = once();
  EXPECT_EQ(done.exit, 1);
  EXPECT_THAT(text_of(run_event(done.out), "message"),
              AllOf(HasSubstr("404 NoSuchBucket"), HasSubstr("create the bucket")));
}

TEST_F(S3Test, publishes_again_what_could_not_be_stored_before) {
  replace("timestamp: $fetched_at", "timestamp: 1700000000");
  auto right = variables_["AWS_SECRET_ACCESS_KEY"];
  variables_["AWS_SECRET_ACCESS_KEY"] = "this-is-not-the-secret-of-the-bucket";
  ASSERT_EQ(once().exit, 1);
  variables_["AWS_SECRET_ACCESS_KEY"] = right;
  auto done = once();
  EXPECT_EQ(text_of(run_event(done.out), "outcome"), "published");
  EXPECT_EQ(public_read("1.0/waittime.json").status, 200);
}

TEST_F(S3Test, takes_bucket_and_keys_from_a_bound_service) {
  replace("bucket: ${S3_BUCKET}", "bucket: ${vcap:callwait-storage.bucket}");
  replace("access_key_id: ${AWS_ACCESS_KEY_ID}", "access_key_id: ${vcap:callwait-storage.access_key_id}");
  replace("secret_access_key: ${AWS_SECRET_ACCESS_KEY}",
          "secret_access_key: ${vcap:callwait-storage.secret_access_key}");
  json::object service{{"name", "callwait-storage"},
                       {"credentials",
                        {{"bucket", bucket_},
                         {"access_key_id", server().access_key()},
                         {"secret_access_key", server().secret_key().reveal()}}}};
  variables_["VCAP_SERVICES"] = json::serialize(json::object{{"s3", json::array{service}}});
  variables_.erase("AWS_ACCESS_KEY_ID");
  variables_.erase("AWS_SECRET_ACCESS_KEY");
  auto done = once();
  EXPECT_EQ(done.exit, 0) << done.out << done.err;
  EXPECT_EQ(public_read("1.0/waittime.json").status, 200);
}

TEST_F(S3Test, publishes_under_names_with_spaces_unicode_and_reserved_characters) {
  replace("path: 1.0/waittime.json", "path: \"wait times/ünï & más+(1).json\"");
  auto done = once();
  ASSERT_EQ(done.exit, 0) << done.out << done.err;
  auto object = public_read("wait%20times/%C3%BCn%C3%AF%20%26%20m%C3%A1s%2B%281%29.json");
  EXPECT_EQ(object.status, 200) << object.body;
}

}  // namespace
}  // namespace pollux::test
