// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/request_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pollux::egress {
namespace {

namespace http = boost::beast::http;

std::expected<void, Refused> take(const std::string& head, RequestParser& parser,
                                  const HeadLimits& limits = {}) {
  auto end = find_head(head, limits);
  if (!end) return std::unexpected(end.error());
  if (!*end) return std::unexpected(Refused{0, "no end"});
  return take_head(std::string_view(head).substr(0, **end), parser, limits);
}

TEST(RequestHead, takes_what_clients_send) {
  for (const char* head : {
           "CONNECT api.example.gov:443 HTTP/1.1\r\nHost: api.example.gov:443\r\nProxy-Connection: "
           "Keep-Alive\r\n\r\n",
           "CONNECT api.example.gov:443 HTTP/1.0\r\n\r\n",
           "CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\nContent-Length: 0\r\n\r\n",
           "GET http://api.example.gov/x?y=z HTTP/1.1\r\nHost: api.example.gov\r\nAccept: */*\r\n\r\n",
           "\r\nGET http://api.example.gov/ HTTP/1.1\r\nHost: api.example.gov\r\n\r\n",
           "POST http://api.example.gov/ HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n",
           "POST http://api.example.gov/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n",
           "GET http://a/ HTTP/1.1\r\nHost:a\r\nX-Empty:\r\nX-Bytes: \xC3\xA9\t.\r\n\r\n",
       }) {
    RequestParser parser;
    auto taken = take(head, parser);
    EXPECT_TRUE(taken) << head << (taken ? "" : taken.error().reason);
  }
}

TEST(RequestHead, says_what_was_asked) {
  RequestParser parser;
  ASSERT_TRUE(take("CONNECT api.example.gov:443 HTTP/1.1\r\nHost: x\r\n\r\n", parser));
  EXPECT_EQ(parser.get().method(), http::verb::connect);
  EXPECT_EQ(parser.get().target(), "api.example.gov:443");
  RequestParser other;
  ASSERT_TRUE(take("GET http://a.example/b HTTP/1.1\r\nHost: c\r\n\r\nrest", other));
  EXPECT_EQ(other.get().target(), "http://a.example/b");
}

struct Bad {
  const char* name;
  std::string head;
  int status;
  const char* reason;
};
void PrintTo(const Bad& bad, std::ostream* out) { *out << bad.name; }

class RefusedHead : public testing::TestWithParam<Bad> {};

std::string post(const std::string& headers) {
  return "POST http://a.example/ HTTP/1.1\r\nHost: a.example\r\n" + headers + "\r\n";
}
std::string get(const std::string& headers) {
  return "GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n" + headers + "\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedHead,
    testing::Values(
        Bad{"two_lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n"), 400, "Content-Length"},
        Bad{"two_different_lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n"), 400, "ontent"},
        Bad{"a_list_of_lengths", post("Content-Length: 5, 5\r\n"), 400, "ontent"},
        Bad{"a_signed_length", post("Content-Length: +5\r\n"), 400, "ontent"},
        Bad{"a_negative_length", post("Content-Length: -5\r\n"), 400, "ontent"},
        Bad{"a_hexadecimal_length", post("Content-Length: 0x5\r\n"), 400, "ontent"},
        Bad{"an_endless_length", post("Content-Length: 99999999999999999999999\r\n"), 400, "ontent"},
        Bad{"length_and_coding", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400, "ncoding"},
        Bad{"coding_and_length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400, ""},
        Bad{"two_codings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400, ""},
        Bad{"a_coding_that_hides", post("Transfer-Encoding: xchunked\r\n"), 501, "chunked"},
        Bad{"a_list_of_codings", post("Transfer-Encoding: gzip, chunked\r\n"), 501, "chunked"},
        Bad{"identity", post("Transfer-Encoding: identity\r\n"), 501, "chunked"},
        Bad{"a_coding_of_version_1_0", "POST http://a/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
            "HTTP/1.0"},
        Bad{"a_space_before_the_colon", get("Content-Length : 5\r\n"), 400, ""},
        Bad{"a_tab_before_the_colon", get("Transfer-Encoding\t: chunked\r\n"), 400, ""},
        Bad{"a_folded_header", get("X-A: b\r\n c\r\n"), 400, "folded"},
        Bad{"a_header_folded_by_tab", get("X-A: b\r\n\tc\r\n"), 400, "folded"},
        Bad{"a_first_header_that_is_folded", "GET http://a/ HTTP/1.1\r\n X: y\r\nHost: a\r\n\r\n", 400,
            "folded"},
        Bad{"a_bare_line_feed", get("X-A: b\nContent-Length: 5\r\n"), 400, "control"},
        Bad{"a_bare_carriage_return", get("X-A: b\rContent-Length: 5\r\n"), 400, "control"},
        Bad{"a_zero_byte", get(std::string("X-A: b\0c\r\n", 10)), 400, "control"},
        Bad{"an_escape", get("X-A: \x1b[2J\r\n"), 400, "control"},
        Bad{"a_delete", get("X-A: \x7f\r\n"), 400, "control"},
        Bad{"a_zero_byte_in_the_target", std::string("GET http://a\0.b/ HTTP/1.1\r\nHost: a\r\n\r\n", 38),
            400, "control"},
        Bad{"two_hosts", "GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "Host"},
        Bad{"no_host", "GET http://a/ HTTP/1.1\r\n\r\n", 400, "Host"},
        Bad{"a_connect_with_a_length", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n", 400,
            "body"},
        Bad{"a_connect_with_a_coding",
            "CONNECT a:443 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "body"},
        Bad{"another_version", "GET http://a/ HTTP/2.0\r\nHost: a\r\n\r\n", 505, "HTTP/1.1"},
        Bad{"a_version_between", "GET http://a/ HTTP/1.2\r\nHost: a\r\n\r\n", 505, "HTTP/1.1"},
        Bad{"no_version", "GET http://a/\r\nHost: a\r\n\r\n", 400, ""},
        Bad{"two_spaces", "GET  http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, ""},
        Bad{"a_space_in_the_target", "GET http://a/ b HTTP/1.1\r\nHost: a\r\n\r\n", 400, ""},
        Bad{"a_line_of_the_proxy_protocol", "PROXY TCP4 192.0.2.1 192.0.2.2 1 443\r\nHost: a\r\n\r\n", 400,
            ""},
        Bad{"a_tab_in_the_first_line", "GET\thttp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, ""},
        Bad{"two_empty_lines_before", "\r\n\r\nGET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, ""},
        Bad{"tls_instead", std::string("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 11), 400, "control"},
        Bad{"a_header_without_a_name", get(": b\r\n"), 400, ""},
        Bad{"a_header_without_a_colon", get("X-A\r\n"), 400, ""},
        Bad{"a_name_with_a_parenthesis", get("X(A): b\r\n"), 400, ""},
        Bad{"a_long_target", "GET http://a/" + std::string(9000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414,
            "long"},
        Bad{"a_long_header", get("X-A: " + std::string(9000, 'x') + "\r\n"), 431, "longer"}),
    [](const auto& one) { return std::string(one.param.name); });

TEST_P(RefusedHead, is_refused_and_says_why) {
  RequestParser parser;
  auto taken = take(GetParam().head, parser);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().status, GetParam().status) << taken.error().reason;
  EXPECT_THAT(taken.error().reason, testing::HasSubstr(GetParam().reason));
}

TEST(RequestHead, may_have_a_hundred_headers_and_no_more) {
  auto with = [](int count) {
    std::string headers;
    for (int i = 1; i < count; ++i) headers += "X-" + std::to_string(i) + ": y\r\n";
    RequestParser parser;
    return take(get(headers), parser);
  };
  EXPECT_TRUE(with(100));
  ASSERT_FALSE(with(101));
  EXPECT_EQ(with(101).error().status, 431);
}

TEST(RequestHead, is_refused_for_its_size_before_it_has_ended) {
  const HeadLimits limits;
  EXPECT_TRUE(find_head(std::string(limits.all, 'x'), limits));
  auto refused = find_head(std::string(limits.all + 1, 'x'), limits);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 431);
}

TEST(RequestHead, ends_at_its_empty_line) {
  EXPECT_EQ(find_head("GET / HTTP/1.1\r\n", {}).value(), std::nullopt);
  EXPECT_EQ(find_head("GET / HTTP/1.1\r\n\r\nbody", {}).value(), 18U);
  EXPECT_EQ(find_head("\r\n", {}).value(), std::nullopt);
}

}  // namespace
}  // namespace pollux::egress
