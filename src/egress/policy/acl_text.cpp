// SPDX-License-Identifier: Apache-2.0
#include "egress/policy/acl_text.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace pollux::egress {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kBlank = " \t";
constexpr std::string_view kBetweenValues = " \t\r\n";

std::string_view without_comment(std::string_view line) {
  for (auto at = line.find('#'); at != line.npos; at = line.find('#', at + 1)) {
    if (at == 0 || kBlank.contains(line[at - 1])) return line.substr(0, at);
  }
  return line;
}

void add(AclRules& out, std::string_view text, std::string place) {
  auto rule = parse_rule(text);
  if (rule) {
    rule->place = std::move(place);
    out.rules.push_back(std::move(*rule));
  } else {
    out.faults.push_back({std::move(place), rule.error().message});
  }
}

bool is_ports(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789-") == text.npos;
}

// The length of the rule that a text begins with: up to a comma behind which no port stands.
std::size_t rule_length(std::string_view text) {
  auto end = std::min(text.find(','), text.size());
  while (end < text.size()) {
    const auto next = std::min(text.find(',', end + 1), text.size());
    if (!is_ports(text.substr(end + 1, next - end - 1))) break;
    end = next;
  }
  return end;
}

}  // namespace

AclRules parse_acl_file(std::string_view text, std::string_view name) {
  AclRules out;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = ascii_trimmed(without_comment(line));
    if (!line.empty()) add(out, line, std::string(name) + ":" + std::to_string(number));
  }
  return out;
}

AclRules parse_acl_value(std::string_view text, std::string_view name) {
  AclRules out;
  std::size_t number = 0;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n,"), text.size()));
    if (text.empty()) return out;
    const std::string_view word = text.substr(0, text.find_first_of(kBetweenValues));
    const std::string_view rule = word.substr(0, rule_length(word));
    add(out, rule, std::string(name) + ":" + std::to_string(++number));
    text.remove_prefix(rule.size());
  }
}

}  // namespace pollux::egress
