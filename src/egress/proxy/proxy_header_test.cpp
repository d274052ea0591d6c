// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/proxy_header.hpp"

#include <gtest/gtest.h>

namespace pollux::egress {
namespace {

using namespace std::string_literals;

const std::string kSignature = "\r\n\r\n\0\r\nQUIT\n"s;
const std::string kV4 = "\xC0\x00\x02\x01\xC0\x00\x02\x02\x12\x34\x01\xBB"s;

std::string version_2(char command, char family, const std::string& rest) {
  return kSignature + command + family + static_cast<char>(rest.size() >> 8) +
         static_cast<char>(rest.size() & 0xFF) + rest;
}

// "192.0.2.1", "-" where nobody is named, "more" where it is not whole, or "!": refused.
std::string said(const std::string& bytes, std::size_t* size = nullptr) {
  auto found = find_proxy_header(bytes);
  if (!found) return "!";
  if (!*found) return "more";
  if (size != nullptr) *size = (*found)->size;
  return (*found)->from ? (*found)->from->text() : "-";
}

// What stands behind a header is no part of it, and nothing shorter is one.
void expect_header(const std::string& header, const std::string& from) {
  std::size_t size = 0;
  EXPECT_EQ(said(header + "GET / HTTP/1.1\r\n", &size), from);
  EXPECT_EQ(size, header.size());
  for (std::size_t i = 0; i < header.size(); ++i) EXPECT_EQ(said(header.substr(0, i)), "more") << i;
}

TEST(ProxyHeaderTest, reads_version_1) {
  expect_header("PROXY TCP4 192.0.2.1 192.0.2.2 4660 443\r\n", "192.0.2.1");
  expect_header("PROXY TCP6 2001:db8::1 2001:db8::2 0 65535\r\n", "2001:db8::1");
  expect_header("PROXY UNKNOWN\r\n", "-");
  expect_header("PROXY UNKNOWN ffff::1 whatever may stand here\r\n", "-");
}

TEST(ProxyHeaderTest, reads_version_2) {
  expect_header(version_2('\x21', '\x11', kV4), "192.0.2.1");
  const std::string v6 =
      "\x20\x01\x0D\xB8"s + std::string(11, '\0') + "\x01" + std::string(16, 'x') + "portp"s.substr(0, 4);
  expect_header(version_2('\x21', '\x21', v6), "2001:db8::1");
  expect_header(version_2('\x20', '\x00', ""), "-");
  expect_header(version_2('\x20', '\x11', kV4), "-");
  expect_header(version_2('\x21', '\x00', "of no known form"), "-");
  expect_header(version_2('\x21', '\x31', std::string(216, 'u')), "-");
}

TEST(ProxyHeaderTest, skips_extensions_that_are_whole) {
  expect_header(version_2('\x21', '\x11', kV4 + "\x04\x00\x02hi\x02\x00\x00"s), "192.0.2.1");
  EXPECT_EQ(said(version_2('\x21', '\x11', kV4 + "\x04\x00\x03hi"s)), "!");
  EXPECT_EQ(said(version_2('\x21', '\x11', kV4 + "\x04"s)), "!");
}

TEST(ProxyHeaderTest, takes_nothing_else_for_one) {
  for (const std::string& bytes : {"GET / HTTP/1.1\r\n\r\n"s,
                                   "proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n"s,
                                   "\x16\x03\x01"s,
                                   "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n"s,
                                   "PROXY  TCP4 192.0.2.1 192.0.2.2 1 2\r\n"s,
                                   "PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n"s,
                                   "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n"s,
                                   "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n"s,
                                   "PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n"s,
                                   "PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n"s,
                                   "PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n"s,
                                   "PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n"s,
                                   "PROXY TCP4 192.0.2.1 192.0.2.2 -1 2\r\n"s,
                                   "PROXY TCP4 192.0.2.1 192.0.2.2  2\r\n"s,
                                   "PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n"s,
                                   "PROXY \r\n"s,
                                   "PROXY \n"s,
                                   version_2('\x22', '\x11', kV4),
                                   version_2('\x11', '\x11', kV4),
                                   version_2('\x21', '\x12', kV4),
                                   version_2('\x21', '\x41', kV4),
                                   version_2('\x21', '\x21', kV4),
                                   version_2('\x21', '\x11', kV4.substr(1))}) {
    EXPECT_EQ(said(bytes), "!") << bytes;
  }
}

TEST(ProxyHeaderTest, takes_none_that_is_too_long) {
  const std::string longest = "PROXY UNKNOWN" + std::string(107 - 15, ' ') + "\r\n";
  expect_header(longest, "-");
  EXPECT_EQ(said("PROXY UNKNOWN" + std::string(107 - 14, ' ') + "\r\n"), "!");
  EXPECT_EQ(said("PROXY UNKNOWN" + std::string(107 - 13, ' ')), "!");
  EXPECT_EQ(said(version_2('\x21', '\x00', std::string(kMostOfProxyHeader - 16, 'x'))), "-");
  EXPECT_EQ(said(version_2('\x21', '\x00', std::string(kMostOfProxyHeader - 15, 'x')).substr(0, 16)), "!");
}

}  // namespace
}  // namespace pollux::egress
