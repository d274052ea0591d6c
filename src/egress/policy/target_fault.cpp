// SPDX-License-Identifier: Apache-2.0
#include "egress/policy/target_fault.hpp"

#include <array>

namespace pollux::egress {
namespace {

struct Words {
  TargetFault fault;
  std::string_view name;
  std::string_view rule;
};

constexpr auto kWords = std::to_array<Words>({
    {TargetFault::kEmpty, "empty", "a target names a host"},
    {TargetFault::kNotAscii, "not-ascii",
     "a host is written in ASCII; other letters as xn-- (RFC 5890, 2.3.2.1)"},
    {TargetFault::kControl, "control", "a target has no control characters, tabs and line ends among them"},
    {TargetFault::kWhitespace, "whitespace", "a target has no spaces"},
    {TargetFault::kUserinfo, "userinfo", "a target has no user and password in it (RFC 9110, 4.2.4)"},
    {TargetFault::kPercent, "percent", "nothing in a host is percent-encoded"},
    {TargetFault::kCharacter, "character",
     "a host has letters, digits, hyphens, dots and, but for its last part, underscores"},
    {TargetFault::kScheme, "scheme", "what is asked for without CONNECT begins with http://"},
    {TargetFault::kFragment, "fragment", "a target has no # in it (RFC 9112, 3.2.2)"},
    {TargetFault::kNoPort, "no-port", "CONNECT names a port: host:port (RFC 9112, 3.2.3)"},
    {TargetFault::kBadPort, "bad-port", "a port is a number from 1 to 65535, without sign and leading zeros"},
    {TargetFault::kBrackets, "brackets",
     "brackets stand around an IPv6 address, always, and around nothing else (RFC 3986, 3.2.2)"},
    {TargetFault::kZone, "zone",
     "an address has no zone: that names a link of the proxy's own (RFC 6874, 3)"},
    {TargetFault::kBadAddress, "bad-address", "what stands in brackets is no IPv6 address (RFC 4291, 2.2)"},
    {TargetFault::kEmptyLabel, "empty-label",
     "between two dots and before the first one stands something (RFC 1035, 2.3.1)"},
    {TargetFault::kTrailingDot, "trailing-dot", "a host has no dot at its end"},
    {TargetFault::kLongLabel, "long-label",
     "each part of a host has at most 63 characters (RFC 1035, 2.3.4)"},
    {TargetFault::kLongName, "long-name", "a host has at most 253 characters (RFC 1035, 2.3.4)"},
    {TargetFault::kHyphen, "hyphen", "no part of a host begins or ends with a hyphen (RFC 952)"},
    {TargetFault::kLastLabel, "last-label",
     "a host's last part begins with a letter (RFC 1123, 2.1); an IPv4 address is four decimal numbers from "
     "0 to 255"},
    {TargetFault::kPunycode, "punycode",
     "a part that begins with xn-- is a valid A-label (RFC 5890, 2.3.2.1)"},
});

const Words& words_of(TargetFault fault) { return kWords.at(static_cast<std::size_t>(fault)); }

}  // namespace

std::string_view name(TargetFault fault) { return words_of(fault).name; }
std::string_view rule_of(TargetFault fault) { return words_of(fault).rule; }

}  // namespace pollux::egress
