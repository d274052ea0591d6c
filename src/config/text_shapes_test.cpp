// SPDX-License-Identifier: Apache-2.0
#include "config/text_shapes.hpp"

#include <gtest/gtest.h>

#include <regex>

#include "config/json_path.hpp"
#include "config/limit_shapes.hpp"
#include "config/testdata/files.hpp"

namespace pollux::config {
namespace {

namespace json = boost::json;

// The pattern of a text shape: anyOf[0] is allOf[{text}, {pattern}].
std::string pattern_of(const json::object& schema) {
  return std::string(schema.at("anyOf").at(0).at("allOf").at(1).at("pattern").as_string());
}

template <class T>
bool reads(const ShapePtr<T>& shape, const std::string& text) {
  Environment environment = testdata::fake_environment("");
  std::filesystem::path file = "/etc/pollux/pollux.yaml";
  Reader reader(environment, file, text);
  Node node;
  node.kind = Node::Kind::kScalar;
  node.text = text;
  T out{};
  shape->read(reader, node, out);
  return reader.take_faults().empty();
}

// Each text is read and matched: the two say the same, but where `beyond` says that a pattern cannot know.
template <class T>
void expect_agreement(const ShapePtr<T>& shape, const std::vector<std::string>& texts,
                      const std::vector<std::string>& beyond = {}) {
  std::regex pattern(pattern_of(shape->schema()));
  for (const std::string& text : texts)
    EXPECT_EQ(reads(shape, text), std::regex_search(text, pattern)) << text;
  for (const std::string& text : beyond) {
    EXPECT_FALSE(reads(shape, text)) << text;
    EXPECT_TRUE(std::regex_search(text, pattern)) << text;
  }
}

const std::vector<std::string> kOdd{"",
                                    " ",
                                    "a",
                                    "a b",
                                    "/",
                                    ".",
                                    "..",
                                    "a/..",
                                    "../a",
                                    "a/b",
                                    "a//b",
                                    "/a",
                                    "a/",
                                    "a\tb",
                                    "a\nb",
                                    "é/ü",
                                    "*",
                                    "_status.json",
                                    "_status.json/x",
                                    "_status.jsonx",
                                    "x/_status.json",
                                    "...",
                                    "a/.../b",
                                    "a/.b",
                                    "a./b",
                                    "http://a",
                                    "https://a/",
                                    "HTTP://A",
                                    "http://",
                                    "http:///a",
                                    "http://a b",
                                    "http://a/b c",
                                    "http://a/%zz",
                                    "http://a/%20",
                                    "http://a:80",
                                    "http://a:",
                                    "http://a:8a",
                                    "http://[::1]:80/x",
                                    "http://u@a",
                                    "http://u:p@a",
                                    "http://a?x",
                                    "http://a#x",
                                    "ftp://a",
                                    "//a",
                                    "http://a_b.c-d~e",
                                    "http://a/b;c=d@e:f",
                                    "http://a\\b",
                                    "https://me:p%40ss@proxy:3128",
                                    "https://me:p@proxy:3128/",
                                    "http://proxy/x",
                                    "http://a/\"",
                                    "http://a/{b}",
                                    "1m",
                                    "1h30m",
                                    "0s",
                                    "10",
                                    "1m1h",
                                    "1.5s",
                                    "1s..2s",
                                    "500ms..30s",
                                    "1s..",
                                    "..1s",
                                    "0s..1s",
                                    "1s..0s",
                                    "1m2s..1h",
                                    "1s...2s",
                                    "512",
                                    "64MiB",
                                    "0",
                                    "0kB",
                                    "1TB",
                                    "1 kB",
                                    "1234567890",
                                    "8080",
                                    ":8080",
                                    "[::1]:8080",
                                    "localhost:1",
                                    "a:b",
                                    "[]:1",
                                    "[x]:1",
                                    "::1",
                                    "127.0.0.1",
                                    "127.0.0.1:0",
                                    "-1",
                                    "abc",
                                    "ab",
                                    "a.b_c-d",
                                    ".abc",
                                    "abc-",
                                    "a~bc",
                                    "America/New_York",
                                    "UTC",
                                    "Etc/GMT+5",
                                    "New York",
                                    "300/minute",
                                    "300/minute sliding",
                                    "300/minute in UTC",
                                    "1/day in America/New_York",
                                    "1/month sliding",
                                    "1/month sliding in UTC",
                                    "01/day",
                                    "999999999/second",
                                    "1000000000/second",
                                    "1/days",
                                    "/day",
                                    "1/day ",
                                    "1/day in ",
                                    "1 / day",
                                    "x\x01y",
                                    "a\x7f"
                                    "b"};

TEST(TextShapes, say_the_same_to_the_reader_and_to_the_schema) {
  expect_agreement(any_text(), kOdd);
  expect_agreement(secret_text(), kOdd);
  expect_agreement(secret_header_value(), kOdd);
  expect_agreement(file_path(), kOdd);
  expect_agreement(web_address(), kOdd, {"http://a:70000", "http://[1]"});
  expect_agreement(token_address(), kOdd);
  expect_agreement(proxy_address(), kOdd);
  expect_agreement(origin(), kOdd);
  expect_agreement(object_path(), kOdd);
  expect_agreement(object_prefix(), kOdd);
  expect_agreement(bucket_name(), kOdd);
  expect_agreement(duration(), kOdd);
  expect_agreement(json_path(), kOdd);
  expect_agreement(byte_count(), kOdd);
  expect_agreement(backoff(), kOdd, {"2s..1s"});
  expect_agreement(limit_shape(), kOdd, {"1/day in Mars/Base"});
  expect_agreement(cron(), kOdd);
  expect_agreement(listen_address(), kOdd, {"70000", "a:70000"});
}

TEST(TextShapes, agree_at_their_limits) {
  std::string long_path(900, 'a');
  expect_agreement(object_path(), {long_path, long_path + "a"});
  expect_agreement(object_prefix(), {std::string(500, 'p'), std::string(501, 'p')});
  expect_agreement(bucket_name(), {std::string(255, 'b'), std::string(256, 'b')});
  expect_agreement(duration(), {"999999999d", "1000000000d"});
}

TEST(TextShapes, never_listen_on_all_interfaces_by_accident) {
  Environment environment = testdata::fake_environment("");
  std::filesystem::path file = "pollux.yaml";
  Reader reader(environment, file, "");
  Node node;
  node.kind = Node::Kind::kScalar;
  node.text = ":9000";
  Listen listen;
  listen_address()->read(reader, node, listen);
  EXPECT_EQ(listen.host, "127.0.0.1");
  EXPECT_EQ(listen.port, 9000);
}

TEST(TextShapes, json_path_says_the_same_twice) {
  expect_agreement(json_path(), {".",          ".a",
                                 ".a.b",       ".a[0]",
                                 ".[0]",       ".a[0][12].b",
                                 ".[\"a.b\"]", ".a[\"b c\"].d",
                                 ".a.[0]",     "",
                                 "a",          "[0]",
                                 "..",         ".a.",
                                 ".a..b",      ".a[",
                                 ".a[]",       ".a[01]",
                                 ".a[-1]",     ".a[1234567890]",
                                 ".a[\"\"]",   ".a[\"b]",
                                 ".a b",       ".é",
                                 ".@x$-y",     ".a[0]b"});
}

}  // namespace
}  // namespace pollux::config
