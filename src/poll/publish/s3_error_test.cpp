// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/s3_error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "tests/support/temp_dir.hpp"

namespace pollux::publish {
namespace {

TEST(S3Error, takes_code_and_message_of_an_error_document) {
  S3Fault expected{"NoSuchBucket", "The \"pub\" & co. bucket < does not exist", ""};
  EXPECT_EQ(
      parse_s3_fault(
          "<?xml version=\"1.0\"?>\n<Error><Code>NoSuchBucket</Code><Message>The &quot;pub&quot; &amp; co. "
          "bucket &lt; does not exist</Message><BucketName>pub</BucketName></Error>"),
      expected);
}

TEST(S3Error, finds_nothing_in_what_is_no_error_document) {
  for (const char* body :
       {"", "<html><body>502</body></html>", "<Code>Outside</Code>", "<Error>", "<Error><Code>Open",
        "{\"Error\":{\"Code\":\"X\"}}", "<error><code>lower</code></error>"}) {
    EXPECT_EQ(parse_s3_fault(body), S3Fault{}) << body;
  }
}

TEST(S3Error, never_takes_a_code_that_is_not_a_plain_word) {
  for (const std::string& code : {std::string("No Such"), std::string("a\nb"), std::string("<b>x</b>"),
                                  std::string("\x1b[31mred"), std::string("a;b"), std::string(65, 'a')}) {
    EXPECT_EQ(parse_s3_fault("<Error><Code>" + code + "</Code></Error>").code, "") << code;
  }
}

TEST(S3Error, takes_a_region_only_if_it_looks_like_one) {
  EXPECT_EQ(parse_s3_fault("<Error><Region>eu-west-3</Region></Error>").region, "eu-west-3");
  for (const char* region :
       {"", "eu west", "EU", "a.evil.example", "x/", "a-region-that-is-too-long-to-be-one"})
    EXPECT_EQ(parse_s3_fault("<Error><Region>" + std::string(region) + "</Region></Error>").region, "");
}

TEST(S3Error, makes_a_message_short_and_printable) {
  auto fault = parse_s3_fault("<Error><Code>X</Code><Message>a\x1b[2J\nb\xff" + std::string(5000, 'm') +
                              "</Message></Error>");
  EXPECT_EQ(fault.message.substr(0, 8), "a?[2J b?");
  EXPECT_LE(fault.message.size(), 200U);
  EXPECT_EQ(parse_s3_fault("<Error><Message>&amp;lt; &#10; &bogus;</Message></Error>").message,
            "&lt; &#10; &bogus;");
}

TEST(S3Error, looks_only_at_the_front_of_a_long_answer) {
  EXPECT_EQ(parse_s3_fault(std::string(20000, ' ') + "<Error><Code>Late</Code></Error>"), S3Fault{});
}

TEST(S3Error, has_advice_for_what_people_run_into) {
  for (const char* code : {"AccessDenied", "NoSuchBucket", "InvalidAccessKeyId", "SignatureDoesNotMatch",
                           "RequestTimeTooSkewed", "AccessControlListNotSupported", "PermanentRedirect"}) {
    EXPECT_FALSE(s3_advice(code).empty()) << code;
  }
  EXPECT_EQ(s3_advice("SomethingElse"), "");
}

TEST(S3Error, survives_every_file_of_the_fuzzers_corpus) {
  auto folder = std::filesystem::path(POLLUX_SOURCE_DIR) / "fuzz/corpus/s3_error";
  std::size_t count = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    auto text = test::read_text(file.path());
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      auto fault = parse_s3_fault(std::string_view(text).substr(0, cut));
      EXPECT_TRUE(std::ranges::all_of(fault.message, [](char c) { return c >= 0x20 && c < 0x7f; }))
          << file.path();
      EXPECT_TRUE(std::ranges::all_of(fault.code, [](unsigned char c) { return std::isalnum(c); }))
          << file.path();
    }
    ++count;
  }
  EXPECT_GE(count, 6U);
}

}  // namespace
}  // namespace pollux::publish
