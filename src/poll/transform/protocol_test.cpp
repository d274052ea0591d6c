// SPDX-License-Identifier: Apache-2.0
#include "poll/transform/protocol.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace pollux::transform {
namespace {

std::string_view body_of(const std::string& frame) {
  EXPECT_EQ(body_size(std::string_view(frame).substr(0, kFrameHead)), frame.size() - kFrameHead);
  return std::string_view(frame).substr(kFrameHead);
}

std::vector<std::string> replies() {
  return {encode(Reply(Hello{123456789012, "no: ENOSYS"})), encode(Reply(Value{7, R"({"a":1})"})),
          encode(Reply(Failure{8, "it failed"})),
          encode(Reply(Faults{{{3, 5, "foo/0 is not defined"}, {4, 0, "second"}}})),
          encode(Reply(OutOfMemory{}))};
}

TEST(Protocol, gives_back_what_was_encoded) {
  auto run = encode(Request(RunRequest{".a", R"({"a":1})", -5, "poll", "{}", "7"}));
  auto request = decode_request(body_of(run));
  ASSERT_TRUE(request);
  const auto& got = std::get<RunRequest>(*request);
  EXPECT_EQ(got.program, ".a");
  EXPECT_EQ(got.input, R"({"a":1})");
  EXPECT_EQ(got.fetched_at, -5);
  EXPECT_EQ(got.poll, "poll");
  EXPECT_EQ(got.vars_json, "{}");
  EXPECT_EQ(got.cursor_json, "7");

  auto all = replies();
  auto hello = std::get<Hello>(*decode_reply(body_of(all[0])));
  EXPECT_EQ(hello.baseline, 123456789012U);
  EXPECT_EQ(hello.no_seccomp, "no: ENOSYS");
  auto value = std::get<Value>(*decode_reply(body_of(all[1])));
  EXPECT_EQ(value.json, R"({"a":1})");
  EXPECT_EQ(value.compiled, 7U);
  EXPECT_EQ(std::get<Failure>(*decode_reply(body_of(all[2]))).message, "it failed");
  auto faults = std::get<Faults>(*decode_reply(body_of(all[3]))).faults;
  ASSERT_EQ(faults.size(), 2U);
  EXPECT_EQ(faults[0].line, 3);
  EXPECT_EQ(faults[0].column, 5);
  EXPECT_EQ(faults[1].message, "second");
  EXPECT_TRUE(std::holds_alternative<OutOfMemory>(*decode_reply(body_of(all[4]))));
}

TEST(Protocol, refuses_frames_that_are_cut_or_have_something_behind) {
  for (const std::string& frame : replies()) {
    std::string body(body_of(frame));
    for (std::size_t size = 0; size < body.size(); ++size)
      EXPECT_FALSE(decode_reply(body.substr(0, size))) << size;
    EXPECT_FALSE(decode_reply(body + "x"));
  }
  std::string run(body_of(encode(Request(RunRequest{".a", "1", 0, "p", "{}"}))));
  for (std::size_t size = 0; size < run.size(); ++size) EXPECT_FALSE(decode_request(run.substr(0, size)));
}

TEST(Protocol, believes_no_length_that_a_worker_claims) {
  using namespace std::string_literals;
  EXPECT_FALSE(decode_reply("\x42\x01\0\0\0\xff\xff\xff\xff{}"s));  // 4 GiB of JSON
  EXPECT_FALSE(
      decode_reply("\x43\x01\0\0\0\xff\xff\0\0"s + std::string(65535, 'x')));  // a message beyond its bound
  EXPECT_FALSE(decode_reply("\x44\xff"s));                                     // 255 faults, none there
  EXPECT_FALSE(decode_reply("\x01"s));                                         // a request is no reply
  EXPECT_FALSE(decode_request("\x42\x01\0\0\0\0\0\0\0"s));
}

TEST(Protocol, cuts_what_is_too_long_or_too_many) {
  auto failure = std::get<Failure>(*decode_reply(body_of(encode(Reply(Failure{1, std::string(9000, 'x')})))));
  EXPECT_EQ(failure.message.size(), kLongestMessage);
  Faults many;
  many.faults.resize(100);
  EXPECT_EQ(std::get<Faults>(*decode_reply(body_of(encode(Reply(many))))).faults.size(), kMostFaults);
}

TEST(Printable, keeps_characters_whole_and_hides_what_cannot_be_shown) {
  EXPECT_EQ(printable("grüße"), "grüße");
  EXPECT_EQ(printable("a\nb\x1b[31m\x7f"), "a b [31m ");
  EXPECT_EQ(printable("\xff\xc3"), "??");
  EXPECT_EQ(printable("éééé", 8), "éééé");
  EXPECT_EQ(printable("ééééé", 8), "éé...");
  EXPECT_EQ(printable("\xf0\x9f\x98\x80 \xed\xa0\x80"), "😀 ???");
}

}  // namespace
}  // namespace pollux::transform
