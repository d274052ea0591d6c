// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/gzip.hpp"

#include <gtest/gtest.h>

namespace pollux::publish {
namespace {

constexpr Bytes kMiB{1 << 20};

TEST(Gzip, gives_back_what_it_compressed) {
  GzipCompressor gzip;
  for (std::size_t size : {100U, 2000U, 200000U}) {
    std::string text;
    while (text.size() < size) text += "{\"estimatedWaitTimeSeconds\":" + std::to_string(text.size()) + "},";
    auto packed = gzip.compress(text);
    ASSERT_TRUE(packed);
    EXPECT_LT(packed->size(), text.size());
    EXPECT_EQ(gunzip(*packed, kMiB), text);
  }
}

TEST(Gzip, leaves_alone_what_would_not_become_smaller) {
  GzipCompressor gzip;
  EXPECT_EQ(gzip.compress(""), std::nullopt);
  EXPECT_EQ(gzip.compress("{}"), std::nullopt);
  auto packed = gzip.compress(std::string(5000, 'x'));
  ASSERT_TRUE(packed);
  EXPECT_EQ(gzip.compress(*packed), std::nullopt);
}

TEST(Gzip, refuses_what_is_no_gzip_or_is_cut_or_goes_on) {
  GzipCompressor gzip;
  auto packed = *gzip.compress(std::string(5000, 'x'));
  std::string flipped = packed;
  flipped[packed.size() / 2] = static_cast<char>(flipped[packed.size() / 2] ^ 0x55);
  for (const auto& bytes : {std::string(), std::string("plain text, not gzip at all"),
                            packed.substr(0, packed.size() - 9), flipped, packed + "more"}) {
    auto result = gunzip(bytes, kMiB);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::kMalformed);
  }
}

TEST(Gzip, stops_at_the_bound_however_much_a_bomb_holds) {
  GzipCompressor gzip;
  auto bomb = *gzip.compress(std::string(3 << 20, '\0'));
  auto result = gunzip(bomb, kMiB);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kTooLarge);
}

TEST(Gzip, reads_a_body_whose_size_is_lied_about_only_as_damaged) {
  GzipCompressor gzip;
  auto packed = *gzip.compress(std::string(5000, 'x'));
  for (std::size_t i = packed.size() - 4; i < packed.size(); ++i) packed[i] = '\xff';
  EXPECT_FALSE(gunzip(packed, Bytes{4ULL << 30}));
}

}  // namespace
}  // namespace pollux::publish
