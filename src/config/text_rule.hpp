#pragma once
// SPDX-License-Identifier: Apache-2.0
// The shape of a single text with a grammar: as a parse function for the reader and as a pattern for the JSON
// Schema. See text_shapes.hpp for the grammars there are.

#include <expected>
#include <functional>
#include <string>

#include "config/shape.hpp"

namespace pollux::config {

/// A text as a T, or why it is none. An empty reason adds nothing to what is expected.
template <class T>
using Parsed = std::expected<T, std::string>;

template <class T>
struct TextRule {
  std::string expected;  // "a duration such as 30s, 5m or 1h30m"
  std::string pattern;   // ECMA 262
  std::function<Parsed<T>(const std::string&)> parse;
  Place place = Place::kOrdinary;
  bool free = false;                 // plain numbers and booleans are taken as they are written
  std::size_t whole_numbers_to = 0;  // plain whole numbers up to this are taken too
  std::size_t whole_numbers_from = 1;
};

/// {"$ref": "#/definitions/..."}: text, varied, template, value or template_value (schema.cpp).
boost::json::object defined(const char* definition);
/// `schema`, or a text with variables in it.
boost::json::object or_varied(boost::json::object schema);
boost::json::object text_with_pattern(const std::string& pattern);
boost::json::object text_rule_schema(const std::string& pattern, bool free, std::size_t from, std::size_t to);

template <class T>
class TextShape final : public Shape<T> {
 public:
  explicit TextShape(TextRule<T> rule) : rule_(std::move(rule)) {}

  void read(Reader& reader, const Node& node, T& out) const override {
    Resolved resolved = resolve(node);
    bool number = resolved.type == Resolved::Type::kInteger && rule_.whole_numbers_to > 0;
    if (node.is(Node::Kind::kScalar) && resolved.type != Resolved::Type::kText && !number && !rule_.free) {
      return reader.fault(node.at, Reader::show(node, rule_.place), rule_.expected,
                          "a text that looks like something else needs quotes");
    }
    auto text = number ? std::optional(resolved.json) : reader.text(node, rule_.expected, rule_.place);
    if (!text) return;
    auto parsed = rule_.parse(*text);
    if (parsed) {
      out = std::move(*parsed);
    } else {
      const std::string& why = parsed.error();
      reader.fault(node.at, Reader::show(node, rule_.place),
                   why.empty() ? rule_.expected : rule_.expected + ": " + why);
    }
  }

  boost::json::object schema() const override {
    return text_rule_schema(rule_.pattern, rule_.free, rule_.whole_numbers_from, rule_.whole_numbers_to);
  }

 private:
  TextRule<T> rule_;
};

template <class T>
ShapePtr<T> text_shape(TextRule<T> rule) {
  return std::make_shared<TextShape<T>>(std::move(rule));
}

}  // namespace pollux::config
