// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_status.hpp"

#include <gtest/gtest.h>

namespace pollux::net {
namespace {

// "proxy|error|details", or "nothing".
std::string read(std::string_view value) {
  auto status = parse_proxy_status(value);
  return status ? status->proxy + "|" + status->error + "|" + status->details : "nothing";
}

TEST(ProxyStatus, reads_what_a_proxy_says_of_its_own_answer) {
  EXPECT_EQ(read(R"(pollux; error=http_request_denied; details="not_allowed")"),
            "pollux|http_request_denied|not_allowed");
  // RFC 9209, 2 and 2.1.1: the names are tokens or strings, and other parameters stand between.
  EXPECT_EQ(read(R"("edge one";next-hop="a.example:443";received-status=503;error=connection_timeout)"),
            "edge one|connection_timeout|");
  EXPECT_EQ(read(R"(p; error=dns_error; details="a \"quoted\" \\ word"; rcode=NXDOMAIN)"),
            R"(p|dns_error|a "quoted" \ word)");
}

TEST(ProxyStatus, takes_the_nearest_of_several_that_tells_of_an_error) {
  EXPECT_EQ(read("far; error=dns_timeout, near; error=proxy_internal_error"), "near|proxy_internal_error|");
  EXPECT_EQ(read("far; error=dns_timeout\t,  near; received-status=200"), "far|dns_timeout|");
  EXPECT_EQ(read("near; received-status=200"), "nothing");
  EXPECT_EQ(read(""), "nothing");
}

// RFC 9110, 5.3: several lines are one list, to which the nearest proxy adds at the end (RFC 9209, 2).
TEST(ProxyStatus, of_several_lines_takes_the_nearest_that_tells_of_an_error) {
  const std::pair<std::string, std::string> far("Proxy-Status", "far; error=dns_timeout");
  EXPECT_EQ(proxys_words({far, {"proxy-status", "near; error=proxy_internal_error"}}),
            "proxy_internal_error");
  EXPECT_EQ(proxys_words({far, {"Server", "x"}, {"Proxy-Status", "near; received-status=504"}}),
            "dns_timeout");
  EXPECT_EQ(proxys_words({far, {"Proxy-Status", ""}}), "dns_timeout");
  EXPECT_EQ(proxys_words({far, {"Proxy-Status", "no list;"}}), "") << "RFC 8941, 4.2: it is ignored whole";
  EXPECT_EQ(proxys_words(Headers(500, far)), "") << "longer than is read";
}

// RFC 8941, 4.2: what does not parse is ignored as a whole.
TEST(ProxyStatus, takes_nothing_from_what_is_no_list) {
  for (const char* value :
       {"p; error=", "p; error", "p;; error=x", ", p; error=x", "p; error=x,", "p; error=x y", "p error=x",
        "p; error=x; details=\"no end", "p; error=x; details=\"a\\b\"", "p; error=x; details=\"a\\",
        "p; error=x; details=\"line\nbreak\"", "p; Error=x; ERROR=y", "p; 1error=x", "(p q); error=x"}) {
    EXPECT_EQ(read(value), "nothing") << value;
  }
  EXPECT_EQ(read("p; error=x; details=\"" + std::string(5000, 'a') + "\""), "nothing");
}

TEST(ProxyStatus, is_short_in_a_message) {
  EXPECT_EQ((ProxyStatus{"p", "dns_error", ""}.text()), "dns_error");
  EXPECT_EQ((ProxyStatus{"p", "http_request_denied", "port"}.text()), "port (http_request_denied)");
  EXPECT_LE((ProxyStatus{"p", std::string(1000, 'e'), std::string(1000, 'd')}.text().size()), 300U);
}

TEST(ProxyStatus, writes_what_it_reads) {
  EXPECT_EQ(format_proxy_status({"pollux", "http_request_denied", "not_allowed"}),
            R"(pollux; error=http_request_denied; details="not_allowed")");
  EXPECT_EQ(format_proxy_status({"pollux", "dns_error", ""}), "pollux; error=dns_error");
  EXPECT_EQ(read(format_proxy_status({"pollux", "x", "a \"b\" \\ \r\n\xC3\xA9"})),
            R"(pollux|x|a "b" \ ????)");
}

}  // namespace
}  // namespace pollux::net
