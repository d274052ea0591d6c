// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/json_slice.hpp"

#include <boost/json/parse.hpp>

namespace pollux::fetch {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::size_t skip_space(std::string_view json, std::size_t at) {
  return std::min(json.find_first_not_of(kSpace, at), json.size());
}

// From an opening quote to behind the closing one.
std::size_t after_string(std::string_view json, std::size_t at) {
  for (++at; at < json.size(); ++at) {
    if (json[at] == '\\')
      ++at;
    else if (json[at] == '"')
      return at + 1;
  }
  return json.size();
}

std::size_t after_value(std::string_view json, std::size_t at) {
  std::size_t open = 0;
  while (at < json.size()) {
    char c = json[at];
    if (c == '"') {
      at = after_string(json, at);
    } else if (c == '{' || c == '[') {
      ++open;
      ++at;
    } else if (c == '}' || c == ']') {
      if (open == 0) return at;
      --open;
      ++at;
    } else if (open > 0) {
      at = std::min(json.find_first_of("\"{}[]", at), json.size());
      continue;
    } else {
      return std::min(json.find_first_of(" \t\r\n,}]", at), json.size());
    }
    if (open == 0) return at;
  }
  return json.size();
}

bool is_key(std::string_view quoted, std::string_view name) {
  std::string_view inside = quoted.substr(1, quoted.size() >= 2 ? quoted.size() - 2 : 0);
  if (inside.find('\\') == std::string_view::npos) return inside == name;
  boost::system::error_code error;
  auto value = boost::json::parse(quoted, error);
  return !error && value.is_string() && std::string_view(value.get_string()) == name;
}

std::optional<std::string_view> member(std::string_view object, std::string_view name) {
  std::optional<std::string_view> found;
  std::size_t at = skip_space(object, 1);
  while (at < object.size() && object[at] == '"') {
    std::size_t key_end = after_string(object, at);
    std::string_view key = object.substr(at, key_end - at);
    at = skip_space(object, skip_space(object, key_end) + 1);
    std::size_t end = after_value(object, at);
    if (at <= object.size() && is_key(key, name)) found = object.substr(at, end - at);
    at = skip_space(object, skip_space(object, end) + 1);
  }
  return found;
}

std::optional<std::string_view> item(std::string_view list, std::size_t index) {
  std::size_t at = skip_space(list, 1);
  for (std::size_t i = 0; at < list.size() && list[at] != ']'; ++i) {
    std::size_t end = after_value(list, at);
    if (i == index) return list.substr(at, end - at);
    at = skip_space(list, skip_space(list, end) + 1);
  }
  return std::nullopt;
}

std::string_view trimmed(std::string_view json) {
  std::size_t from = skip_space(json, 0);
  return json.substr(from, json.find_last_not_of(kSpace) + 1 - from);
}

}  // namespace

std::optional<std::string_view> slice_at(std::string_view json, const config::JsonPath& path) {
  std::optional<std::string_view> value = trimmed(json);
  for (const auto& part : path) {
    if (!value || value->empty()) return std::nullopt;
    if (const auto* name = std::get_if<std::string>(&part)) {
      value = value->front() == '{' ? member(*value, *name) : std::nullopt;
    } else {
      value = value->front() == '[' ? item(*value, std::get<std::size_t>(part)) : std::nullopt;
    }
  }
  return value;
}

std::optional<ListSlice> slice_list(std::string_view value) {
  value = trimmed(value);
  if (value.size() < 2 || value.front() != '[' || value.back() != ']') return std::nullopt;
  ListSlice list{value.substr(1, value.size() - 2), 0};
  std::size_t at = skip_space(list.inside, 0);
  while (at < list.inside.size()) {
    ++list.items;
    at = skip_space(list.inside, skip_space(list.inside, after_value(list.inside, at)) + 1);
  }
  return list;
}

std::string path_text(const config::JsonPath& path) {
  std::string out;
  for (const auto& part : path) {
    if (const auto* name = std::get_if<std::string>(&part))
      out += "." + *name;
    else
      out += (out.empty() ? ".[" : "[") + std::to_string(std::get<std::size_t>(part)) + "]";
  }
  return out.empty() ? "." : out;
}

}  // namespace pollux::fetch
