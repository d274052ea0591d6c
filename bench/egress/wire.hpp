#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the load and the sink of the egress benchmark say to each other. Pure.

#include <algorithm>
#include <boost/asio/ip/address_v4.hpp>
#include <cctype>
#include <string>
#include <string_view>

namespace pollux::bench {

constexpr char kPing = 'P';
constexpr char kBulk = 'B';
constexpr std::size_t kAnswerSize = 512;  // of each answer to a plain request

/// So many loopback addresses take part on each side: one pair of them has 28,000 ports only, and one that
/// was used rests before it is used again (TIME_WAIT).
constexpr unsigned kAddresses = 8;

/// 127.0.0.1 and on.
inline boost::asio::ip::address_v4 address(unsigned number) {
  return boost::asio::ip::address_v4(0x7F000001U + number % kAddresses);
}

/// Whether a head has "Connection: close", as HTTP/1.1 spells it.
inline bool says_close(std::string_view head) {
  std::string lower(head);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower.find("connection: close") != std::string::npos;
}

}  // namespace pollux::bench
