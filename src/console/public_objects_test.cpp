// SPDX-License-Identifier: Apache-2.0
#include "console/public_objects.hpp"

#include <gtest/gtest.h>
#include <libdeflate.h>

namespace pollux::console {
namespace {

const PublicStore kOpen{"local", {}};
const PublicStore kClosed{"local", {"https://www.usa.gov", "https://usa.gov"}};

net::ServerRequest request(net::Headers headers, std::string method = "GET") {
  net::ServerRequest out;
  out.method = std::move(method);
  out.headers = std::move(headers);
  return out;
}

StoredObject object() { return {std::string(2000, 'a'), "application/json", "max-age=30"}; }

std::string header(const net::ServerResponse& response, std::string_view name) {
  return std::string(net::find_header(response.headers, name));
}

std::string inflated(const std::string& bytes) {
  auto* decompressor = libdeflate_alloc_decompressor();
  std::string out(10000, '\0');
  std::size_t size = 0;
  auto code =
      libdeflate_gzip_decompress(decompressor, bytes.data(), bytes.size(), out.data(), out.size(), &size);
  libdeflate_free_decompressor(decompressor);
  return code == LIBDEFLATE_SUCCESS ? out.substr(0, size) : "(broken)";
}

TEST(PublicObjects, gives_the_object_with_what_its_sidecar_says) {
  auto response = object_answer(kOpen, request({}), object());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, object().body);
  EXPECT_EQ(header(response, "content-type"), "application/json");
  EXPECT_EQ(header(response, "cache-control"), "max-age=30");
  EXPECT_EQ(header(response, "accept-ranges"), "none");
  EXPECT_EQ(header(response, "x-content-type-options"), "nosniff");
  EXPECT_EQ(header(response, "content-encoding"), "");
}

TEST(PublicObjects, a_range_is_ignored) {
  auto response = object_answer(kOpen, request({{"Range", "bytes=0-3"}}), object());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body.size(), 2000U);
}

TEST(PublicObjects, gzip_is_another_representation_with_another_tag) {
  auto plain = object_answer(kOpen, request({}), object());
  auto gzip = object_answer(kOpen, request({{"Accept-Encoding", "gzip, br"}}), object());
  EXPECT_EQ(header(gzip, "content-encoding"), "gzip");
  EXPECT_EQ(inflated(gzip.body), object().body);
  EXPECT_NE(header(gzip, "etag"), header(plain, "etag"));
  EXPECT_NE(header(gzip, "vary").find("Accept-Encoding"), std::string::npos);
  EXPECT_NE(header(plain, "vary").find("Accept-Encoding"), std::string::npos);
}

TEST(PublicObjects, does_not_compress_what_is_small_or_no_text) {
  net::Headers gzip = {{"Accept-Encoding", "gzip"}};
  auto small = object_answer(kOpen, request(gzip), StoredObject{"{}", "application/json", ""});
  EXPECT_EQ(header(small, "content-encoding"), "");
  auto image = object_answer(kOpen, request(gzip), StoredObject{std::string(2000, 'a'), "image/png", ""});
  EXPECT_EQ(header(image, "content-encoding"), "");
}

TEST(PublicObjects, answers_304_to_those_who_have_it_and_200_after_it_changed) {
  for (const net::Headers& accepts : {net::Headers{}, net::Headers{{"Accept-Encoding", "gzip"}}}) {
    auto first = object_answer(kOpen, request(accepts), object());
    net::Headers known = accepts;
    known.emplace_back("If-None-Match", header(first, "etag"));
    auto second = object_answer(kOpen, request(known), object());
    EXPECT_EQ(second.status, 304);
    EXPECT_EQ(second.body, "");
    EXPECT_EQ(header(second, "etag"), header(first, "etag"));
    EXPECT_EQ(header(second, "cache-control"), "max-age=30");
    EXPECT_EQ(header(second, "access-control-allow-origin"), "*");
    auto changed =
        object_answer(kOpen, request(known), StoredObject{std::string(2000, 'b'), "application/json", ""});
    EXPECT_EQ(changed.status, 200);
  }
}

TEST(PublicObjects, always_says_that_it_varies_by_origin) {
  for (const auto& store : {kOpen, kClosed}) {
    for (const char* origin : {"https://usa.gov", "https://evil.example", ""}) {
      auto found = object_answer(store, request({{"Origin", origin}}), object());
      EXPECT_EQ(header(found, "vary").find("Origin"), 0U);
      auto missing = object_answer(store, request({{"Origin", origin}}), std::nullopt);
      EXPECT_EQ(missing.status, 404);
      EXPECT_EQ(header(missing, "vary").find("Origin"), 0U);
    }
  }
}

TEST(PublicObjects, only_listed_origins_may_read) {
  auto listed = object_answer(kClosed, request({{"Origin", "https://usa.gov"}}), object());
  EXPECT_EQ(header(listed, "access-control-allow-origin"), "https://usa.gov");
  auto other = object_answer(kClosed, request({{"Origin", "https://evil.example"}}), object());
  EXPECT_EQ(header(other, "access-control-allow-origin"), "");
}

TEST(PublicObjects, answers_the_preflight_of_a_fetch_with_a_content_type) {
  auto response = preflight(kClosed, request({{"Origin", "https://usa.gov"},
                                              {"Access-Control-Request-Method", "GET"},
                                              {"Access-Control-Request-Headers", "content-type"}},
                                             "OPTIONS"));
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(header(response, "access-control-allow-origin"), "https://usa.gov");
  EXPECT_EQ(header(response, "access-control-allow-methods"), "GET, HEAD");
  EXPECT_EQ(header(response, "access-control-allow-headers"), "content-type");
}

TEST(PublicObjects, refuses_the_preflight_of_another_origin_or_of_a_method_that_writes) {
  auto origin = preflight(
      kClosed,
      request({{"Origin", "https://evil.example"}, {"Access-Control-Request-Method", "GET"}}, "OPTIONS"));
  EXPECT_EQ(origin.status, 403);
  EXPECT_EQ(header(origin, "access-control-allow-origin"), "");
  auto method = preflight(
      kOpen, request({{"Origin", "https://usa.gov"}, {"Access-Control-Request-Method", "PUT"}}, "OPTIONS"));
  EXPECT_EQ(method.status, 403);
  EXPECT_EQ(header(method, "access-control-allow-methods"), "");
}

}  // namespace
}  // namespace pollux::console
