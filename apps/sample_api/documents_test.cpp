// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/documents.hpp"

#include <gtest/gtest.h>

namespace pollux::sample_api {
namespace {

class DocumentsTest : public testing::Test {
 protected:
  net::ServerResponse ask(const std::string& method, net::Headers headers = {}, std::string body = "") {
    net::ServerRequest request;
    request.method = method;
    request.path = "/document";
    request.headers = std::move(headers);
    request.body = std::move(body);
    return *documents_.answer(request);
  }
  FixedClock clock_{*parse_time("2026-01-02T10:00:00.5Z")};
  Documents documents_{clock_};
};

TEST_F(DocumentsTest, says_not_modified_only_to_who_has_what_is_there) {
  EXPECT_EQ(ask("GET", {{"If-None-Match", "\"v1\""}}).status, 304);
  EXPECT_EQ(ask("GET", {{"If-Modified-Since", "Fri, 02 Jan 2026 09:00:00 GMT"}}).status, 304);
  EXPECT_EQ(ask("GET", {{"If-Modified-Since", "Fri, 02 Jan 2026 08:59:59 GMT"}}).status, 200);
  // A tag decides over a date.
  EXPECT_EQ(ask("GET", {{"If-None-Match", "\"v0\""}, {"If-Modified-Since", "Fri, 02 Jan 2026 09:00:00 GMT"}})
                .status,
            200);
  EXPECT_EQ(ask("GET", {{"If-None-Match", "v1"}}).status, 400);
  EXPECT_EQ(documents_.stats().at("not_modified"), 2);
}

TEST_F(DocumentsTest, has_another_tag_and_date_once_it_was_changed) {
  auto before = ask("GET");
  ask("PUT", {}, "[2]");
  auto after = ask("GET", {{"If-None-Match", std::string(net::find_header(before.headers, "ETag"))}});
  EXPECT_EQ(after.status, 200);
  EXPECT_EQ(after.body, "[2]");
  EXPECT_EQ(net::find_header(after.headers, "ETag"), "\"v2\"");
  EXPECT_EQ(net::find_header(after.headers, "Last-Modified"), "Fri, 02 Jan 2026 10:00:00 GMT");
}

}  // namespace
}  // namespace pollux::sample_api
