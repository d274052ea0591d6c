// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/s3_address.hpp"

#include <gtest/gtest.h>

namespace pollux::publish {
namespace {

using Addressing = config::S3Store::Addressing;

struct Case {
  const char* bucket;
  const char* region;
  const char* endpoint;
  Addressing addressing;
  const char* url_of_a;  // of the key "a b"
  const char* host;
};

TEST(S3Address, finds_the_url_and_the_host_that_is_signed) {
  constexpr auto kAuto = Addressing::kAuto;
  constexpr auto kPath = Addressing::kPath;
  constexpr auto kVirtual = Addressing::kVirtualHost;
  for (const Case& c : {
           Case{"pub", "eu-west-3", "", kAuto, "https://pub.s3.eu-west-3.amazonaws.com/a%20b",
                "pub.s3.eu-west-3.amazonaws.com"},
           Case{"pub", "eu-west-3", "", kPath, "https://s3.eu-west-3.amazonaws.com/pub/a%20b",
                "s3.eu-west-3.amazonaws.com"},
           Case{"dotted.pub", "us-east-1", "", kAuto, "https://s3.us-east-1.amazonaws.com/dotted.pub/a%20b",
                "s3.us-east-1.amazonaws.com"},
           Case{"pub", "cn-north-1", "", kAuto, "https://pub.s3.cn-north-1.amazonaws.com.cn/a%20b",
                "pub.s3.cn-north-1.amazonaws.com.cn"},
           Case{"pub", "r", "https://s3.example.gov", kAuto, "https://s3.example.gov/pub/a%20b",
                "s3.example.gov"},
           Case{"pub", "r", "https://S3.Example.gov/", kAuto, "https://s3.example.gov/pub/a%20b",
                "s3.example.gov"},
           Case{"pub", "r", "s3.example.gov", kAuto, "https://s3.example.gov/pub/a%20b", "s3.example.gov"},
           Case{"pub", "r", "https://s3.example.gov", kVirtual, "https://pub.s3.example.gov/a%20b",
                "pub.s3.example.gov"},
           Case{"pub", "r", "http://127.0.0.1:9000", kAuto, "http://127.0.0.1:9000/pub/a%20b",
                "127.0.0.1:9000"},
           Case{"pub", "r", "http://localhost:9000", kVirtual, "http://pub.localhost:9000/a%20b",
                "pub.localhost:9000"},
           Case{"pub", "r", "https://s3.example.gov:443", kAuto, "https://s3.example.gov/pub/a%20b",
                "s3.example.gov"},
           Case{"pub", "r", "http://s3.example.gov:80", kAuto, "http://s3.example.gov/pub/a%20b",
                "s3.example.gov"},
           Case{"pub", "r", "http://s3.example.gov:443", kAuto, "http://s3.example.gov:443/pub/a%20b",
                "s3.example.gov:443"},
           Case{"pub", "r", "https://gate.example.gov/store/s3", kAuto,
                "https://gate.example.gov/store/s3/pub/a%20b", "gate.example.gov"},
           Case{"pub", "r", "http://[::1]:9000", kAuto, "http://[::1]:9000/pub/a%20b", "[::1]:9000"},
           // The endpoint is already the bucket's own: the name is not put there a second time.
           Case{"pub", "r", "https://pub.s3.example.gov", kAuto, "https://pub.s3.example.gov/a%20b",
                "pub.s3.example.gov"},
           Case{"pub", "r", "https://pub.s3.example.gov", kVirtual, "https://pub.s3.example.gov/a%20b",
                "pub.s3.example.gov"},
           Case{"pub", "r", "https://pub.s3.example.gov", kPath, "https://pub.s3.example.gov/pub/a%20b",
                "pub.s3.example.gov"},
       }) {
    SCOPED_TRACE(c.url_of_a);
    config::S3Store store;
    store.bucket = c.bucket;
    store.region = c.region;
    store.endpoint = c.endpoint;
    store.addressing = c.addressing;
    auto address = s3_address(store);
    ASSERT_TRUE(address);
    EXPECT_EQ(address->origin + address->path_of("a b"), c.url_of_a);
    EXPECT_EQ(address->host, c.host);
  }
}

TEST(S3Address, encodes_every_reserved_byte_of_a_key_but_the_slash) {
  EXPECT_EQ((S3Address{"", "", "/pub/"}).path_of("1.0/a+b%2F?#&=ü~"),
            "/pub/1.0/a%2Bb%252F%3F%23%26%3D%C3%BC~");
}

TEST(S3Address, refuses_an_endpoint_that_is_none_and_does_not_repeat_it) {
  for (const char* endpoint :
       {"ftp://s3.example.gov", "https://", "https://user:pass-word@s3.example.gov",
        "https://s3.example.gov?x=pass-word", "https://s3 example", "file:///pass-word"}) {
    config::S3Store store;
    store.bucket = "pub";
    store.endpoint = endpoint;
    auto address = s3_address(store);
    ASSERT_FALSE(address) << endpoint;
    EXPECT_EQ(address.error().kind, ErrorKind::kUsage);
    EXPECT_EQ(address.error().message.find("pass-word"), std::string::npos);
  }
}

}  // namespace
}  // namespace pollux::publish
