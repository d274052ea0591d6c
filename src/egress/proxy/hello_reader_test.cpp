// SPDX-License-Identifier: Apache-2.0
// Hellos as OpenSSL's own client makes them, whole, in pieces, and spoilt.
#include "egress/proxy/hello_reader.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "tests/support/client_hello.hpp"

namespace pollux::egress {
namespace {

using test::make_client_hello;

SeenHello read_whole(std::string_view bytes) {
  HelloReader reader;
  return reader.take(bytes).value_or(std::unexpected(SniFault::kNoHello));
}

SeenHello named(std::optional<std::string> name, bool encrypted = false) {
  return ClientHello{std::move(name), encrypted};
}

TEST(HelloReader, tells_the_server_name) {
  EXPECT_EQ(read_whole(make_client_hello({.server_name = "api.example.gov"})), named("api.example.gov"));
  EXPECT_EQ(read_whole(make_client_hello({})), named(std::nullopt));
  EXPECT_EQ(read_whole(make_client_hello({.server_name = "MiXed.Example."})), named("MiXed.Example."))
      << "as it was sent: the policy judges";
}

TEST(HelloReader, tells_that_a_hello_is_encrypted_or_looks_so) {
  EXPECT_EQ(read_whole(make_client_hello({.server_name = "front.example", .encrypted = true})),
            named("front.example", true));
}

TEST(HelloReader, knows_the_hellos_of_all_versions_of_tls) {
  for (int version : {TLS1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION})
    EXPECT_EQ(read_whole(make_client_hello({.server_name = "a.example", .version = version})),
              named("a.example"));
}

TEST(HelloReader, takes_a_hello_in_two_pieces_split_anywhere) {
  const std::string hello = make_client_hello({.server_name = "api.example.gov"});
  for (std::size_t at = 1; at < hello.size(); ++at) {
    HelloReader reader;
    ASSERT_FALSE(reader.take(hello.substr(0, at))) << at;
    ASSERT_EQ(reader.take(hello.substr(at)), named("api.example.gov")) << at;
  }
}

TEST(HelloReader, takes_a_hello_byte_by_byte_over_records_of_any_size) {
  const std::string whole = make_client_hello({.server_name = "a.example", .padding = 2000});
  for (std::size_t size : {1U, 5U, 100U, 4000U}) {
    const std::string hello = test::in_records(whole, size);
    HelloReader reader;
    for (std::size_t i = 0; i + 1 < hello.size(); ++i)
      ASSERT_FALSE(reader.take(hello.substr(i, 1))) << size << " " << i;
    EXPECT_EQ(reader.take(hello.substr(hello.size() - 1)), named("a.example")) << size;
  }
}

TEST(HelloReader, does_not_look_behind_the_hello) {
  const std::string hello = make_client_hello({.server_name = "a.example"});
  EXPECT_EQ(read_whole(hello + std::string(40'000, 'x')), named("a.example"));
  HelloReader reader;
  EXPECT_TRUE(reader.take(hello));
  EXPECT_EQ(reader.take("whatever"), named("a.example")) << "an answer stays";
}

TEST(HelloReader, tells_where_a_hello_ends) {
  const std::string hello = test::in_records(make_client_hello({.server_name = "a.example"}), 50);
  HelloReader reader;
  EXPECT_FALSE(reader.begun());
  EXPECT_TRUE(reader.take(hello + "what comes behind it"));
  EXPECT_EQ(reader.size(), hello.size());
}

TEST(HelloReader, refuses_a_record_that_holds_more_than_the_hello) {
  std::string two = make_client_hello({.server_name = "a.example"});
  two += make_client_hello({.server_name = "b.example"}).substr(5);
  two[3] = static_cast<char>((two.size() - 5) >> 8);
  two[4] = static_cast<char>((two.size() - 5) & 0xFF);
  EXPECT_EQ(read_whole(two), std::unexpected(SniFault::kMalformed));
  EXPECT_EQ(read_whole(two.substr(0, two.size() - 1)), std::unexpected(SniFault::kMalformed));
}

TEST(HelloReader, finds_a_second_hello_behind_what_may_stand_before_it) {
  using namespace std::string_literals;
  const std::string before = "\x14\x03\x03\0\x01\x01\x17\x03\x03\0\x05later"s;
  const std::string hello = make_client_hello({.server_name = "a.example"});
  EXPECT_EQ(read_whole(before + hello), std::unexpected(SniFault::kNotTls)) << "not before the first";
  HelloReader reader(HelloReader::Which::kSecond);
  EXPECT_FALSE(reader.take(before));
  EXPECT_FALSE(reader.begun());
  EXPECT_EQ(reader.take(hello), named("a.example"));
  EXPECT_EQ(reader.size(), before.size() + hello.size());
  HelloReader split(HelloReader::Which::kSecond);
  EXPECT_EQ(split.take(test::in_records(hello, 50).substr(0, 55) + before),
            std::unexpected(SniFault::kMalformed));
  HelloReader endless(HelloReader::Which::kSecond);
  std::string early;
  while (early.size() <= HelloReader::kMostBefore) early += before;
  EXPECT_EQ(endless.take(early), std::unexpected(SniFault::kTooLong));
}

TEST(HelloReader, takes_no_hello_without_end) {
  const std::string hello =
      test::in_records(make_client_hello({.server_name = "a.example", .padding = 17'000}), 16'000);
  ASSERT_GT(hello.size(), HelloReader::kLongest);
  EXPECT_EQ(read_whole(hello), std::unexpected(SniFault::kTooLong));
  EXPECT_EQ(read_whole(
                test::in_records(make_client_hello({.server_name = "a.example", .padding = 15'000}), 16'000)),
            named("a.example"));
}

TEST(HelloReader, knows_what_is_no_tls_by_its_first_byte) {
  for (std::string_view other :
       {"GET / HTTP/1.1\r\n", "SSH-2.0-x\r\n", "\r\n", "\x15\x03\x03\x00\x02\x01\x00"})
    EXPECT_EQ(read_whole(other.substr(0, 1)), std::unexpected(SniFault::kNotTls)) << other;
  // The hello of SSL 2, offering TLS 1.0, as the clients of the nineties sent it.
  const std::string old("\x80\x1c\x01\x03\x01\x00\x03\x00\x00\x00\x10\x00\x00\x2f", 14);
  EXPECT_EQ(read_whole(old + std::string(16, 'c')), std::unexpected(SniFault::kNotTls));
}

TEST(HelloReader, refuses_what_cannot_be_read) {
  const std::string hello = make_client_hello({.server_name = "a.example"});
  auto changed = [&](std::size_t at, char to) {
    std::string out = hello;
    out[at] = to;
    return read_whole(out);
  };
  const SeenHello malformed = std::unexpected(SniFault::kMalformed);
  EXPECT_EQ(changed(1, 9), malformed) << "a record of no version of TLS";
  EXPECT_EQ(changed(5, 2), malformed) << "a ServerHello";
  EXPECT_EQ(changed(8, static_cast<char>(hello[8] - 1)), malformed) << "a length that does not hold";
  const std::string garbage =
      std::string("\x16\x03\x01\x00\x40\x01\x00\x00\x3c", 9) + std::string(60, '\xff');
  EXPECT_EQ(read_whole(garbage), malformed);
}

TEST(HelloReader, refuses_a_list_of_names_that_could_be_read_in_two_ways) {
  const SeenHello malformed = std::unexpected(SniFault::kMalformed);
  auto with = [](std::string list) { return read_whole(make_client_hello({.raw_names = std::move(list)})); };
  using namespace std::string_literals;
  EXPECT_EQ(with("\0\x04\0\0\x01"
                 "a"s),
            named("a"));
  EXPECT_EQ(with("\0\x08\0\0\x01"
                 "a\0\0\x01"
                 "b"s),
            malformed)
      << "two names";
  EXPECT_EQ(with("\0\x04\x01\0\x01"
                 "a"s),
            malformed)
      << "another kind of name";
  EXPECT_EQ(with("\0\x03\0\0\0"s), malformed) << "an empty one";
  EXPECT_EQ(with("\0\x04\0\0\x01"
                 "ab"s),
            malformed)
      << "bytes behind it";
  EXPECT_EQ(with("\0\x05\0\0\x01"
                 "a"s),
            malformed)
      << "a list that is longer than it is";
  EXPECT_EQ(with("\0\x04\0\0\x02"
                 "a"s),
            malformed)
      << "a name that is";
  EXPECT_EQ(with(""), malformed);
}

TEST(HelloReader, refuses_two_lists_of_names) {
  EXPECT_EQ(
      read_whole(make_client_hello({.server_name = "a.example", .raw_names = std::string("\0\4\0\0\1a", 6)})),
      std::unexpected(SniFault::kMalformed));
}

TEST(HelloReader, leaves_nothing_in_openssls_queue_of_errors) {
  EXPECT_FALSE(read_whole(std::string("\x16\x09\x09\x00\x05hello", 10)));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace pollux::egress
