// SPDX-License-Identifier: Apache-2.0
#include "config/json_path.hpp"

#include <charconv>

#include "config/text_rule.hpp"

namespace pollux::config {
namespace {

bool in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '$' || c == '@';
}

// [0] or ["name"], brackets and all.
bool take_bracket(std::string_view& rest, JsonPath& path) {
  std::size_t close = rest.starts_with("[\"") ? rest.find("\"]", 2) : rest.find(']');
  if (close == std::string_view::npos) return false;
  if (rest.starts_with("[\"")) {
    std::string_view name = rest.substr(2, close - 2);
    if (name.empty() || name.find_first_of("\"\\\r\n") != std::string_view::npos) return false;
    path.emplace_back(std::string(name));
    rest.remove_prefix(close + 2);
    return true;
  }
  std::string_view digits = rest.substr(1, close - 1);
  std::size_t index = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (!whole || digits.size() > 9 || (digits.size() > 1 && digits[0] == '0')) return false;
  path.emplace_back(index);
  rest.remove_prefix(close + 1);
  return true;
}

bool take_name(std::string_view& rest, JsonPath& path) {
  std::size_t size = 0;
  while (size < rest.size() && in_name(rest[size])) ++size;
  if (size == 0) return false;
  path.emplace_back(std::string(rest.substr(0, size)));
  rest.remove_prefix(size);
  return true;
}

Parsed<JsonPath> parse(const std::string& text) {
  JsonPath path;
  std::string_view rest = text;
  if (!rest.starts_with('.')) return std::unexpected("it starts with a dot");
  if (rest == ".") return path;
  while (!rest.empty()) {
    bool dot = rest.starts_with('.');
    if (dot) rest.remove_prefix(1);
    bool taken = rest.starts_with('[') ? take_bracket(rest, path) : dot && take_name(rest, path);
    if (!taken) return std::unexpected("");
  }
  return path;
}

constexpr std::string_view kPattern =
    R"re(^\.$|^(?=\.)(\.[A-Za-z0-9_$@-]+|\.?\[(0|[1-9][0-9]{0,8})\]|\.?\["[^"\\\r\n]+"\])+$)re";

}  // namespace

ShapePtr<JsonPath> json_path() {
  return text_shape<JsonPath>(
      {"a place in the answer such as .meta.next or .links[0].href", std::string(kPattern), parse});
}

}  // namespace pollux::config
