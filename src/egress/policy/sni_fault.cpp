// SPDX-License-Identifier: Apache-2.0
#include "egress/policy/sni_fault.hpp"

#include <array>

namespace pollux::egress {
namespace {

struct Words {
  SniFault fault;
  std::string_view name;
  std::string_view meaning;
};

constexpr auto kWords = std::to_array<Words>({
    {SniFault::kOtherName, "other_name", "asks for another host than the CONNECT did"},
    {SniFault::kNoName, "no_name", "names no host"},
    {SniFault::kEncrypted, "encrypted", "may hide another host in an encrypted hello"},
    {SniFault::kNotTls, "not_tls", "is no TLS"},
    {SniFault::kMalformed, "malformed", "has a ClientHello that cannot be read"},
    {SniFault::kTooLong, "too_long", "has a ClientHello that is too long"},
    {SniFault::kNoHello, "no_hello", "did not begin with a whole ClientHello in time"},
});

const Words& words_of(SniFault fault) {
  for (const Words& words : kWords) {
    if (words.fault == fault) return words;
  }
  return kWords.front();
}

}  // namespace

std::string_view name(SniFault fault) { return words_of(fault).name; }
std::string_view meaning(SniFault fault) { return words_of(fault).meaning; }

}  // namespace pollux::egress
