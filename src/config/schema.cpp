// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "config/file_shape.hpp"
#include "config/load.hpp"
#include "config/pieces.hpp"

namespace pollux::config {
namespace {

namespace json = boost::json;

// A value of any kind whose texts fit the definition `text`, down to the last leaf.
json::object any_value(const char* text, const char* itself) {
  json::object again{{"$ref", std::string("#/definitions/") + itself}};
  json::array any;
  any.emplace_back(json::object{{"$ref", std::string("#/definitions/") + text}});
  any.emplace_back(json::object{{"type", json::array{"number", "boolean", "null"}}});
  any.emplace_back(json::object{{"type", "array"}, {"items", again}});
  any.emplace_back(json::object{{"type", "object"}, {"additionalProperties", again}});
  return {{"anyOf", std::move(any)}};
}

json::object text_like(const std::string& doc, const std::string& pattern) {
  return {{"description", doc}, {"type", "string"}, {"pattern", pattern}};
}

json::object definitions() {
  return {
      {"text", text_like("A text; ${NAME}, ${NAME:-default}, ${file:PATH}, ${vcap:service.key} and, with "
                         "for_each, ${each:NAME} are filled in.",
                         text_pattern())},
      {"varied",
       text_like("A text with at least one ${...}; what comes out of it is checked when the file is read.",
                 varied_pattern())},
      {"template",
       text_like("A text in which ${step:NAME.path[0].x}, ${date:yesterday} and ${cursor} may stand too.",
                 template_pattern())},
      {"value", any_value("text", "value")},
      {"template_value", any_value("template", "template_value")}};
}

void print(const json::value& value, std::string& out, std::size_t depth) {
  std::string indent(2 * depth, ' ');
  auto print_all = [&](const auto& items, char open, char close, auto print_one) {
    out += open;
    for (std::size_t i = 0; i < items.size(); ++i) {
      out.append(i == 0 ? "\n" : ",\n").append(indent).append("  ");
      print_one(*(items.begin() + static_cast<std::ptrdiff_t>(i)));
    }
    out.append("\n").append(indent) += close;
  };
  if (value.is_object() && !value.get_object().empty()) {
    print_all(value.get_object(), '{', '}', [&](const json::key_value_pair& pair) {
      out.append(json::serialize(pair.key())).append(": ");
      print(pair.value(), out, depth + 1);
    });
  } else if (value.is_array() && !value.get_array().empty()) {
    print_all(value.get_array(), '[', ']', [&](const json::value& item) { print(item, out, depth + 1); });
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::string schema_json() {
  json::object schema{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "pollux.yaml"}};
  for (auto& [key, value] : file_shape().schema()) schema[key] = std::move(value);
  schema["definitions"] = definitions();
  std::string out;
  print(schema, out, 0);
  return out + "\n";
}

}  // namespace pollux::config
