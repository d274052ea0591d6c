// SPDX-License-Identifier: Apache-2.0
#include "config/object_shape.hpp"

#include <algorithm>

#include "base/nearest.hpp"

namespace pollux::config {
namespace {

namespace json = boost::json;

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kDigits = "0123456789";
constexpr std::size_t kLongestName = 100;

bool made_of(const std::string& text, std::string_view more) {
  return std::ranges::all_of(text, [&](char c) {
    return kLetters.find(c) != kLetters.npos || kDigits.find(c) != kDigits.npos || more.find(c) != more.npos;
  });
}

bool starts_as_name(const std::string& text) {
  return !text.empty() && text.size() <= kLongestName &&
         (text[0] == '_' || kLetters.find(text[0]) != kLetters.npos);
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "`" : ", `") + name + "`";
  return out;
}

}  // namespace

NameRule name_rule() {
  return {"a name that starts with a letter or _ and goes on with letters, digits, _ . -, at most 100",
          "^[A-Za-z_][A-Za-z0-9_.-]{0,99}$",
          [](const std::string& t) { return starts_as_name(t) && made_of(t, "_.-"); }};
}

NameRule step_name_rule() {
  return {
      "a name that starts with a letter or _ and goes on with letters, digits, _, at most 100, so that jq "
      "can say .name",
      "^[A-Za-z_][A-Za-z0-9_]{0,99}$",
      [](const std::string& t) { return starts_as_name(t) && made_of(t, "_"); }};
}

// RFC 9110, 5.6.2 token.
NameRule header_name_rule() {
  return {"the name of an HTTP header", "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
          [](const std::string& t) { return !t.empty() && made_of(t, "!#$%&'*+.^_`|~-"); }};
}

NameRule any_name_rule() {
  return {"a name", "", [](const std::string&) { return true; }};
}

void report_unknown_key(Reader& reader, const Node::Entry& entry, const std::vector<FieldInfo>& fields) {
  std::vector<std::string> names;
  for (const FieldInfo& field : fields) names.push_back(field.name);
  auto near = nearest(entry.key, names);
  reader.fault(entry.key_at, "unknown key", "one of " + listed(names),
               near ? "did you mean `" + *near + "`?" : "");
}

void report_missing_keys(Reader& reader, const Node& node, const std::vector<FieldInfo>& fields) {
  for (const FieldInfo& field : fields) {
    if (!field.required || node.find(field.name) != nullptr) continue;
    reader.fault(node.at, "no `" + field.name + "`", "the key `" + field.name + "`: " + field.doc);
  }
}

json::object described(json::object schema, const std::string& doc) {
  if (schema.contains("$ref")) {
    json::array inner;
    inner.emplace_back(std::move(schema));
    return {{"description", doc}, {"allOf", std::move(inner)}};
  }
  json::object out{{"description", doc}};
  for (auto& [key, value] : schema) out[key] = std::move(value);
  return out;
}

json::object one_of_keys_schema(const std::vector<std::string>& keys) {
  json::array one_of;
  for (const std::string& key : keys)
    one_of.emplace_back(json::object{{"required", json::array{json::string(key)}}});
  return {{"oneOf", std::move(one_of)}};
}

void check_one_of_keys(Reader& reader, const Node& node, const std::vector<std::string>& keys) {
  const Node::Entry* first = nullptr;
  for (const Node::Entry& entry : node.entries) {
    if (std::ranges::find(keys, entry.key) == keys.end()) continue;
    if (first != nullptr) {
      reader.fault(entry.key_at, "`" + entry.key + "` beside `" + first->key + "`",
                   "exactly one of " + listed(keys));
      return;
    }
    first = &entry;
  }
  if (first == nullptr) reader.fault(node.at, "none of " + listed(keys), "exactly one of them");
}

json::object key_dependency(const std::string& key, const std::string& other, bool with) {
  json::array names{json::string(other)};
  json::value rule = json::object{{"required", std::move(names)}};
  if (!with) rule = json::object{{"not", std::move(rule)}};
  return {{"dependencies", json::object{{key, std::move(rule)}}}};
}

void check_key_dependency(Reader& reader, const Node& node, const std::string& key, const std::string& other,
                          bool with) {
  const Node::Entry* found = node.find(key);
  if (found == nullptr || (node.find(other) != nullptr) == with) return;
  if (with) {
    reader.fault(found->key_at, "`" + key + "` without `" + other + "`", "`" + other + "` too");
  } else {
    reader.fault(found->key_at, "`" + key + "` beside `" + other + "`", "only one of them");
  }
}

}  // namespace pollux::config
