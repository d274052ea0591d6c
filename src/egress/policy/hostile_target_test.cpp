// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cctype>

#include "egress/policy/target.hpp"
#include "egress/policy/testdata/hostile_targets.hpp"

namespace pollux::egress {
namespace {

std::string shown(const std::string& text) { return "\"" + text.substr(0, 80) + "\""; }

TEST(HostileTarget, none_is_a_target_of_connect) {
  std::size_t count = 0;
  for (const auto& group : {addresses_in_disguise(), brackets_and_zones(), who_else_is_in_there(),
                            bytes_that_split_lines(), dots_hyphens_lengths(), hostile_ports()}) {
    for (const auto& [text, fault] : group) {
      auto parsed = parse_authority(text);
      ++count;
      ASSERT_FALSE(parsed) << shown(text) << " was read as " << parsed->authority();
      EXPECT_EQ(name(parsed.error()), name(fault)) << shown(text);
    }
  }
  EXPECT_GE(count, 230U);
}

TEST(HostileTarget, none_with_its_port_is_one_of_http_either) {
  for (const auto& group : {addresses_in_disguise(), brackets_and_zones(), who_else_is_in_there(),
                            bytes_that_split_lines(), dots_hyphens_lengths()}) {
    for (const auto& [text, fault] : group) {
      // These end the authority of a URL, and without a port it means 80.
      if (text.find_first_of("/?#") != text.npos || fault == TargetFault::kNoPort) continue;
      EXPECT_FALSE(parse_http_url("http://" + text)) << shown(text);
      EXPECT_FALSE(parse_http_url("http://" + text + "/")) << shown(text);
    }
  }
}

TEST(HostileTarget, none_is_an_address_of_http) {
  for (const auto& [text, fault] : hostile_urls()) {
    auto parsed = parse_http_url(text);
    ASSERT_FALSE(parsed) << shown(text) << " was read as " << parsed->target.authority();
    EXPECT_EQ(name(parsed.error()), name(fault)) << shown(text);
  }
}

TEST(HostileTarget, every_byte_that_no_host_has_is_refused_wherever_it_stands) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool fits = std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.';
    if (fits && byte < 0x80) continue;
    for (std::size_t at = 0; at <= 11; ++at) {
      std::string text = "example.com";
      if (at == 11 && c == ':') continue;
      text.insert(at, 1, c);
      EXPECT_FALSE(parse_authority(text + ":443")) << byte << " at " << at;
      const bool ends = c == '/' || c == '?';
      if (ends || c == ':') continue;
      EXPECT_FALSE(parse_http_url("http://" + text)) << byte << " at " << at;
    }
  }
}

}  // namespace
}  // namespace pollux::egress
