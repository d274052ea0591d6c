// SPDX-License-Identifier: Apache-2.0
#include "poll/check/schema_message.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <optional>

#include "poll/check/schema_support.hpp"

namespace pollux::check {
namespace {

namespace json = boost::json;

std::string pointer_of(const std::vector<std::string>& path) {
  std::string out;
  for (const std::string& step : path) {
    out += '/';
    for (char c : step) {  // RFC 6901, 3
      if (c == '~')
        out += "~0";
      else if (c == '/')
        out += "~1";
      else
        out += c;
    }
  }
  return out.empty() ? "the whole" : out;
}

std::optional<std::size_t> index_of(const std::string& step) {
  std::size_t index = 0;
  auto [end, code] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (code != std::errc() || end != step.data() + step.size()) return std::nullopt;
  return index;
}

const json::value* child_of(const json::value& value, const std::string& step) {
  if (const json::object* object = value.if_object()) return object->if_contains(step);
  auto index = index_of(step);
  const json::array* array = value.if_array();
  return array != nullptr && index ? array->if_contains(*index) : nullptr;
}

const json::value* follow(const json::value& root, const json::value* schema) {
  for (int hops = 0; schema != nullptr && hops < 32; ++hops) {
    const json::object* object = schema->if_object();
    const json::value* reference = object != nullptr ? object->if_contains("$ref") : nullptr;
    if (reference == nullptr) return schema;
    schema = reference->is_string() ? local_target(root, reference->get_string()) : nullptr;
  }
  return nullptr;
}

// The rule for one more step down, where the schema says it plainly (not inside allOf and its kin).
const json::value* below(const json::object& schema, const std::string& step) {
  const json::value* properties = schema.if_contains("properties");
  if (properties != nullptr && properties->is_object()) {
    if (const json::value* found = properties->get_object().if_contains(step)) return found;
  }
  if (auto index = index_of(step)) {
    const json::value* items = schema.if_contains("items");
    if (items != nullptr && items->is_array()) return items->get_array().if_contains(*index);
    if (items != nullptr) return items;
  }
  return schema.if_contains("additionalProperties");
}

const json::object* rule_at(const json::value& root, const std::vector<std::string>& path) {
  const json::value* schema = follow(root, &root);
  for (const std::string& step : path) {
    if (schema == nullptr || !schema->is_object()) return nullptr;
    const json::value* next = below(schema->get_object(), step);
    schema = next != nullptr ? follow(root, next) : nullptr;
  }
  return schema != nullptr ? schema->if_object() : nullptr;
}

std::string shortened(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  text.resize(most);
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
  if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0) text.pop_back();
  return text + "...";
}

std::string found_text(const json::value& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return fmt::format("an array of {}", value.get_array().size());
  return shortened(json::serialize(value), 40);
}

std::string types_text(const json::value& type) {
  if (type.is_string()) return std::string(type.get_string());
  std::string out;
  if (type.is_array()) {
    for (const auto& one : type.get_array()) {
      if (one.is_string()) out += (out.empty() ? "" : " or ") + std::string(one.get_string());
    }
  }
  return out;
}

struct Phrase {
  std::string_view starts;   // valijson's description
  std::string_view keyword;  // the rule that it is about
  std::string_view says;     // what the rule asks; {} is its value
};
constexpr std::array kPhrases = {
    Phrase{"Failed to match against any enum", "enum", "expected one of {}"},
    Phrase{"Failed to match expected value", "const", "expected {}"},
    Phrase{"Expected number greater than or equal", "minimum", "expected at least {}"},
    Phrase{"Expected number less than or equal", "maximum", "expected at most {}"},
    Phrase{"Expected number greater than", "exclusiveMinimum", "expected more than {}"},
    Phrase{"Expected number less than", "exclusiveMaximum", "expected less than {}"},
    Phrase{"Array should contain no more", "maxItems", "expected at most {} items"},
    Phrase{"Array should contain no fewer", "minItems", "expected at least {} items"},
    Phrase{"String should be no more", "maxLength", "expected at most {} characters"},
    Phrase{"String should be no fewer", "minLength", "expected at least {} characters"},
    Phrase{"Object should have no more", "maxProperties", "expected at most {} properties"},
    Phrase{"Object should have no fewer", "minProperties", "expected at least {} properties"},
    Phrase{"Failed to match regex", "pattern", "expected a text that matches {}"},
    Phrase{"Value should be a multiple", "multipleOf", "expected a multiple of {}"},
    Phrase{"String should be a valid", "format", "expected a {}"},
};

std::string expected_text(const std::string& said, const json::object* rule) {
  if (said.starts_with("Value type not permitted")) {
    const json::value* type = rule != nullptr ? rule->if_contains("type") : nullptr;
    return type != nullptr ? "expected " + types_text(*type) : "this type is not allowed here";
  }
  for (const Phrase& phrase : kPhrases) {
    if (!said.starts_with(phrase.starts)) continue;
    const json::value* asked = rule != nullptr ? rule->if_contains(phrase.keyword) : nullptr;
    if (asked == nullptr) break;
    std::string value =
        phrase.keyword == "format" ? types_text(*asked) : shortened(json::serialize(*asked), 120);
    return fmt::format(fmt::runtime(phrase.says), value);
  }
  return {};
}

}  // namespace

bool is_echo(const Violation& violation) {
  for (std::string_view start :
       {"Failed to validate against schema associated", "Failed to validate item #",
        "Failed to validate against additional", "Failed to validate against child schema",
        "Failed to validate against dependent"}) {
    if (violation.description.starts_with(start)) return true;
  }
  return false;
}

std::string describe(const Violation& violation, const json::value& schema, const json::value& document) {
  std::string where = pointer_of(violation.path);
  const json::value* value = &document;
  for (const std::string& step : violation.path) {
    if (value != nullptr) value = child_of(*value, step);
  }
  std::string expected = expected_text(violation.description, rule_at(schema, violation.path));
  if (!expected.empty() && value != nullptr)
    return fmt::format("{}: {}, found {}", where, expected, found_text(*value));

  std::string said = violation.description;
  if (said.starts_with("Missing required property "))
    said = "missing the required property " + said.substr(26);
  if (!said.empty() && said.back() == '.') said.pop_back();
  if (!said.empty() && said.front() >= 'A' && said.front() <= 'Z')
    said.front() = static_cast<char>(said.front() + 32);
  return fmt::format("{}: {}", where, shortened(said, 300));
}

}  // namespace pollux::check
