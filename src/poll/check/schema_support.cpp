// SPDX-License-Identifier: Apache-2.0
#include "poll/check/schema_support.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <regex>
#include <set>
#include <span>
#include <vector>

#include "base/encoding.hpp"

namespace pollux::check {
namespace {

namespace json = boost::json;
using Words = std::span<const std::string_view>;

bool is_any(std::string_view word, Words words) { return std::ranges::find(words, word) != words.end(); }

// JSON Schema 2019-09 and later.
constexpr auto kLater = std::to_array<std::string_view>(
    {"unevaluatedProperties", "unevaluatedItems", "dependentRequired", "dependentSchemas", "prefixItems",
     "minContains", "maxContains", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef",
     "$recursiveAnchor"});
constexpr auto kHoldsSchema =
    std::to_array<std::string_view>({"not", "if", "then", "else", "contains", "propertyNames",
                                     "additionalItems", "additionalProperties", "items"});
constexpr auto kHoldsList = std::to_array<std::string_view>({"allOf", "anyOf", "oneOf", "items"});
constexpr auto kHoldsMap = std::to_array<std::string_view>(
    {"properties", "patternProperties", "definitions", "$defs", "dependencies"});
// What says nothing about the value, and may therefore stand beside a $ref.
constexpr auto kSaysNothing =
    std::to_array<std::string_view>({"$ref", "$id", "$schema", "$comment", "title", "description", "default",
                                     "definitions", "examples", "$defs", "readOnly", "writeOnly"});

using Visit = std::function<std::string(const json::object&, const std::string& at)>;

// Calls `visit` on each object that stands where a schema is expected, until one has something to say.
std::string walk(const json::value& schema, const std::string& at, const Visit& visit) {
  const json::object* object = schema.if_object();
  if (object == nullptr) return {};
  if (auto said = visit(*object, at); !said.empty()) return said;
  for (const auto& [key, value] : *object) {
    std::string here = fmt::format("{}/{}", at, std::string_view(key));
    std::string said;
    if (value.is_object() && is_any(key, kHoldsSchema)) {
      said = walk(value, here, visit);
    } else if (value.is_object() && is_any(key, kHoldsMap)) {
      for (const auto& [name, child] : value.get_object()) {
        if (said.empty()) said = walk(child, fmt::format("{}/{}", here, std::string_view(name)), visit);
      }
    } else if (value.is_array() && is_any(key, kHoldsList)) {
      for (std::size_t i = 0; i < value.get_array().size() && said.empty(); ++i) {
        said = walk(value.get_array()[i], fmt::format("{}/{}", here, i), visit);
      }
    }
    if (!said.empty()) return said;
  }
  return {};
}

enum class Shape { kNumber, kCount, kText, kTexts, kFlag, kList, kMap, kSchema, kSchemas };
struct Keyword {
  std::string_view name;
  Shape shape;
};
// What draft 7 asks of each keyword's value. valijson takes "0" for a number, and ignores some that it cannot
// use.
constexpr auto kKeywords = std::to_array<Keyword>({
    {"minimum", Shape::kNumber},
    {"maximum", Shape::kNumber},
    {"exclusiveMinimum", Shape::kNumber},
    {"exclusiveMaximum", Shape::kNumber},
    {"multipleOf", Shape::kNumber},
    {"minLength", Shape::kCount},
    {"maxLength", Shape::kCount},
    {"minItems", Shape::kCount},
    {"maxItems", Shape::kCount},
    {"minProperties", Shape::kCount},
    {"maxProperties", Shape::kCount},
    {"pattern", Shape::kText},
    {"format", Shape::kText},
    {"$ref", Shape::kText},
    {"required", Shape::kTexts},
    {"uniqueItems", Shape::kFlag},
    {"enum", Shape::kList},
    {"properties", Shape::kMap},
    {"patternProperties", Shape::kMap},
    {"dependencies", Shape::kMap},
    {"definitions", Shape::kMap},
    {"$defs", Shape::kMap},
    {"not", Shape::kSchema},
    {"if", Shape::kSchema},
    {"then", Shape::kSchema},
    {"else", Shape::kSchema},
    {"contains", Shape::kSchema},
    {"propertyNames", Shape::kSchema},
    {"additionalItems", Shape::kSchema},
    {"additionalProperties", Shape::kSchema},
    {"allOf", Shape::kSchemas},
    {"anyOf", Shape::kSchemas},
    {"oneOf", Shape::kSchemas},
});

bool is_schema(const json::value& value) { return value.is_object() || value.is_bool(); }
bool is_text(const json::value& value) { return value.is_string(); }

// What was expected; empty if the value has the shape.
std::string_view misfit(Shape shape, const json::value& value) {
  const json::array* list = value.if_array();
  switch (shape) {
    case Shape::kNumber:
      return value.is_number() ? "" : "a number";
    case Shape::kCount:
      return value.is_int64() && value.get_int64() >= 0 ? "" : "a whole number, 0 or more";
    case Shape::kText:
      return value.is_string() ? "" : "a text";
    case Shape::kTexts:
      return list != nullptr && std::ranges::all_of(*list, is_text) ? "" : "a list of texts";
    case Shape::kFlag:
      return value.is_bool() ? "" : "true or false";
    case Shape::kList:
      return list != nullptr && !list->empty() ? "" : "a list with at least one value";
    case Shape::kMap:
      return value.is_object() ? "" : "an object";
    case Shape::kSchema:
      return is_schema(value) ? "" : "a schema";
    case Shape::kSchemas:
      return list != nullptr && !list->empty() && std::ranges::all_of(*list, is_schema) ? ""
                                                                                        : "a list of schemas";
  }
  return "";
}

std::string misfit_of_keyword(const json::object& schema, const std::string& at) {
  for (const Keyword& keyword : kKeywords) {
    const json::value* value = schema.if_contains(keyword.name);
    std::string_view expected = value != nullptr ? misfit(keyword.shape, *value) : "";
    if (!expected.empty()) return fmt::format("{}/{}: expected {}", at, keyword.name, expected);
  }
  return {};
}

std::string fault_of_reference(const json::value& root, const json::object& schema, const std::string& at) {
  // A chain of nothing but references that comes back to itself would never end.
  const json::object* here = &schema;
  std::set<const json::object*> seen;
  while (const json::value* reference = here->if_contains("$ref")) {
    if (!reference->is_string()) return fmt::format("{}/$ref: expected a text", at);
    std::string_view text = reference->get_string();
    if (!text.starts_with("#")) {
      return fmt::format(
          "{}/$ref: `{}` leaves the document, and nothing is fetched: copy it into `definitions`", at, text);
    }
    if (!seen.insert(here).second) return fmt::format("{}/$ref: `{}` refers to itself", at, text);
    const json::value* target = local_target(root, text);
    if (target == nullptr) return fmt::format("{}/$ref: `{}` is not there", at, text);
    if (!target->is_object()) return {};
    here = target->if_object();
  }
  return {};
}

}  // namespace

const json::value* local_target(const json::value& root, std::string_view reference) {
  if (!reference.starts_with("#")) return nullptr;
  auto pointer = percent_decode(reference.substr(1));
  if (!pointer) return nullptr;
  json::error_code code;
  return root.find_pointer(*pointer, code);
}

std::string unsupported_in(const json::value& schema) {
  return walk(schema, "", [&](const json::object& object, const std::string& at) -> std::string {
    for (const auto& member : object) {
      std::string_view key = member.key();
      if (is_any(key, kLater)) {
        return fmt::format("{}/{}: a keyword of a later draft, which would be ignored; supported is draft 7",
                           at, key);
      }
      if (object.contains("$ref") && !is_any(key, kSaysNothing)) {
        return fmt::format("{}/{}: draft 7 ignores what stands beside a $ref: put the $ref into an `allOf`",
                           at, key);
      }
    }
    if (auto misfit = misfit_of_keyword(object, at); !misfit.empty()) return misfit;
    return fault_of_reference(schema, object, at);
  });
}

std::string faulty_pattern_in(const json::value& schema) {
  return walk(schema, "", [](const json::object& object, const std::string& at) -> std::string {
    std::vector<std::string> patterns;
    const json::value* pattern = object.if_contains("pattern");
    if (pattern != nullptr && pattern->is_string()) patterns.emplace_back(pattern->get_string());
    const json::value* by_pattern = object.if_contains("patternProperties");
    if (by_pattern != nullptr && by_pattern->is_object()) {
      for (const auto& member : by_pattern->get_object()) patterns.emplace_back(member.key());
    }
    for (const std::string& one : patterns) {
      try {
        std::regex tried(one);
      } catch (const std::regex_error& e) {
        return fmt::format("{}: the pattern `{}` is none: {}", at, one, e.what());
      }
    }
    return {};
  });
}

bool uses_patterns(const json::value& schema) {
  return !walk(schema, "", [](const json::object& object, const std::string&) {
            bool found = object.contains("pattern") || object.contains("patternProperties") ||
                         object.contains("format");
            return std::string(found ? "yes" : "");
          }).empty();
}

}  // namespace pollux::check
