#pragma once
// SPDX-License-Identifier: Apache-2.0
// Letters of ASCII without their case: how HTTP, URLs and media types compare names. Every other byte stays
// as it is, whatever the locale. And texts without the blanks around them. Pure; any thread.

#include <algorithm>
#include <string>
#include <string_view>

namespace pollux {

constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = ascii_lower(c);
  return out;
}

constexpr bool ascii_iequals(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

/// Without spaces, tabs, carriage returns and line feeds at either end: what HTTP (RFC 9110, 5.6.3), lines
/// and JSON (RFC 8259, 2) mean by blank.
constexpr std::string_view ascii_trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
  return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

}  // namespace pollux
