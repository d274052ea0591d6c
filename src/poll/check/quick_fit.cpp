// SPDX-License-Identifier: Apache-2.0
#include "poll/check/quick_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "poll/check/schema_support.hpp"

namespace pollux::check {

namespace json = boost::json;

namespace {

constexpr double kExact = 9007199254740992.0;  // below this doubles and integers compare as they should
constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();

enum Type : unsigned {
  kNull = 1,
  kBool = 2,
  kInteger = 4,
  kFraction = 8,
  kString = 16,
  kArray = 32,
  kObject = 64
};
constexpr unsigned kEverything = 127;

constexpr std::pair<std::string_view, unsigned> kTypeNames[] = {
    {"null", kNull},     {"boolean", kBool}, {"integer", kInteger}, {"number", kInteger | kFraction},
    {"string", kString}, {"array", kArray},  {"object", kObject}};

unsigned type_named(const json::value& name) {
  if (!name.is_string()) return 0;
  for (const auto& [known, type] : kTypeNames) {
    if (name.get_string() == known) return type;
  }
  return 0;
}

unsigned type_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return kNull;
    case json::kind::bool_:
      return kBool;
    case json::kind::int64:
      return kInteger;
    case json::kind::uint64:
      return 0;  // beyond int64: not an integer to valijson
    case json::kind::double_:
      return kFraction;
    case json::kind::string:
      return kString;
    case json::kind::array:
      return kArray;
    case json::kind::object:
      return kObject;
  }
  return 0;
}

bool exact_number(const json::value& value, double& out) {
  if (!value.is_number()) return false;
  out = value.is_int64() ? static_cast<double>(value.get_int64()) : value.to_number<double>();
  return std::abs(out) < kExact;
}

bool plain_scalar(const json::value& value) {
  return value.is_string() || value.is_bool() || value.is_null() || value.is_int64();
}

}  // namespace

struct QuickFit::Node {
  struct Property {
    std::string name;
    const Node* node = nullptr;  // nullptr: not among `properties`
    bool required = false;
  };
  unsigned types = kEverything;
  double least = -std::numeric_limits<double>::infinity(), most = std::numeric_limits<double>::infinity();
  bool above_least = false, below_most = false;  // exclusive
  bool bounded = false;
  std::size_t shortest = 0, longest = kAny;             // of a text
  std::size_t fewest_items = 0, most_items = kAny;      // of an array
  std::size_t fewest_members = 0, most_members = kAny;  // of an object
  const Node* items = nullptr;
  std::vector<Property> properties;  // by name
  std::size_t required = 0;
  const Node* additional = nullptr;
  bool additional_forbidden = false;
  std::vector<json::value> choices;

  bool fits(const json::value& value) const;
  bool fits_number(const json::value& value) const;
  bool fits_text(const json::string& text) const;
  bool fits_array(const json::array& array) const;
  bool fits_object(const json::object& object) const;
};

bool QuickFit::Node::fits(const json::value& value) const {
  if ((types & type_of(value)) == 0) return false;
  if (!choices.empty() && std::ranges::find(choices, value) == choices.end()) return false;
  if (value.is_object()) return fits_object(value.get_object());
  if (value.is_array()) return fits_array(value.get_array());
  if (value.is_string()) return fits_text(value.get_string());
  return !value.is_number() || fits_number(value);
}

bool QuickFit::Node::fits_number(const json::value& value) const {
  if (!bounded) return true;
  double number = 0;
  if (!exact_number(value, number)) return false;
  return (above_least ? number > least : number >= least) && (below_most ? number < most : number <= most);
}

// The bounds count characters: in UTF-8, all bytes but those that go on with one.
bool QuickFit::Node::fits_text(const json::string& text) const {
  if (shortest == 0 && text.size() <= longest) return true;
  auto starts = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  auto count = static_cast<std::size_t>(std::ranges::count_if(text, starts));
  return count >= shortest && count <= longest;
}

bool QuickFit::Node::fits_array(const json::array& array) const {
  if (array.size() < fewest_items || array.size() > most_items) return false;
  return items == nullptr ||
         std::ranges::all_of(array, [this](const auto& item) { return items->fits(item); });
}

bool QuickFit::Node::fits_object(const json::object& object) const {
  if (object.size() < fewest_members || object.size() > most_members) return false;
  std::size_t found = 0;
  for (const auto& member : object) {
    std::string_view key = member.key();
    auto known = std::ranges::lower_bound(properties, key, {}, &Property::name);
    bool named = known != properties.end() && known->name == key;
    if (named && known->required) ++found;
    if (named && known->node != nullptr) {
      if (!known->node->fits(member.value())) return false;
      continue;
    }
    if (additional_forbidden || (additional != nullptr && !additional->fits(member.value()))) return false;
  }
  return found == required;
}

// Gives nullptr for what it does not know; the whole schema is then not known.
class QuickFit::Compiler {
 public:
  Compiler(QuickFit& into, const json::value& root) : into_(into), root_(root) {}

  const Node* compile(const json::value& schema) {
    auto seen = made_.find(&schema);
    if (seen != made_.end()) return seen->second;
    into_.nodes_.push_back(std::make_unique<Node>());
    Node& node = *into_.nodes_.back();
    made_.emplace(&schema, &node);
    if (schema.is_bool()) {
      node.types = schema.get_bool() ? kEverything : 0;
      return &node;
    }
    if (!schema.is_object()) return nullptr;
    if (const auto* ref = schema.get_object().if_contains("$ref")) {
      return schema.get_object().size() == 1 && ref->is_string() ? refer(ref->get_string()) : nullptr;
    }
    for (const auto& [key, value] : schema.get_object()) {
      if (!take(node, key, value)) return nullptr;
    }
    node.required =
        static_cast<std::size_t>(std::ranges::count(node.properties, true, &Node::Property::required));
    std::ranges::sort(node.properties, {}, &Node::Property::name);
    return &node;
  }

 private:
  const Node* refer(std::string_view ref) {
    const json::value* schema = local_target(root_, ref);
    // A $ref to nothing but another one could go round for ever.
    bool chain = schema != nullptr && schema->is_object() && schema->get_object().contains("$ref");
    return schema != nullptr && !chain ? compile(*schema) : nullptr;
  }

  bool take(Node& node, std::string_view key, const json::value& value) {
    if (key == "type") return take_types(node, value);
    if (key == "properties") return take_properties(node, value);
    if (key == "required") return take_required(node, value);
    if (key == "additionalProperties") return take_additional(node, value);
    if (key == "items") return !value.is_array() && (node.items = compile(value)) != nullptr;
    if (key == "enum") return take_choices(node, value);
    if (key == "minimum" || key == "exclusiveMinimum") return take_least(node, value, key != "minimum");
    if (key == "maximum" || key == "exclusiveMaximum") return take_most(node, value, key != "maximum");
    if (key == "minLength") return take_count(node.shortest, value);
    if (key == "maxLength") return take_count(node.longest, value);
    if (key == "minItems") return take_count(node.fewest_items, value);
    if (key == "maxItems") return take_count(node.most_items, value);
    if (key == "minProperties") return take_count(node.fewest_members, value);
    if (key == "maxProperties") return take_count(node.most_members, value);
    return key == "$schema" || key == "$comment" || key == "title" || key == "description" ||
           key == "default" || key == "examples" || key == "definitions";
  }

  static bool take_types(Node& node, const json::value& value) {
    node.types = 0;
    if (!value.is_array()) return (node.types = type_named(value)) != 0;
    for (const auto& name : value.get_array()) {
      unsigned type = type_named(name);
      if (type == 0) return false;
      node.types |= type;
    }
    return true;
  }

  static Node::Property& property(Node& node, std::string_view name) {
    auto found = std::ranges::find(node.properties, name, &Node::Property::name);
    if (found != node.properties.end()) return *found;
    return node.properties.emplace_back(Node::Property{std::string(name)});
  }

  bool take_properties(Node& node, const json::value& value) {
    if (!value.is_object()) return false;
    for (const auto& [name, schema] : value.get_object()) {
      const Node* compiled = compile(schema);
      if (compiled == nullptr) return false;
      property(node, name).node = compiled;
    }
    return true;
  }

  static bool take_required(Node& node, const json::value& value) {
    if (!value.is_array()) return false;
    for (const auto& name : value.get_array()) {
      if (!name.is_string()) return false;
      property(node, name.get_string()).required = true;
    }
    return true;
  }

  bool take_additional(Node& node, const json::value& value) {
    node.additional_forbidden = value.is_bool() && !value.get_bool();
    if (value.is_bool()) return true;
    return (node.additional = compile(value)) != nullptr;
  }

  static bool take_choices(Node& node, const json::value& value) {
    if (!value.is_array() || value.get_array().empty()) return false;
    if (!std::ranges::all_of(value.get_array(), plain_scalar)) return false;
    node.choices.assign(value.get_array().begin(), value.get_array().end());
    return true;
  }

  // Two bounds on one side are for valijson.
  static bool take_least(Node& node, const json::value& value, bool exclusive) {
    if (std::isfinite(node.least) || !exact_number(value, node.least)) return false;
    node.above_least = exclusive;
    return node.bounded = true;
  }

  static bool take_most(Node& node, const json::value& value, bool exclusive) {
    if (std::isfinite(node.most) || !exact_number(value, node.most)) return false;
    node.below_most = exclusive;
    return node.bounded = true;
  }

  static bool take_count(std::size_t& count, const json::value& value) {
    if (!value.is_int64() || value.get_int64() < 0) return false;
    count = static_cast<std::size_t>(value.get_int64());
    return true;
  }

  QuickFit& into_;
  const json::value& root_;
  std::map<const json::value*, const Node*> made_;
};

QuickFit::QuickFit(const json::value& schema) { root_ = Compiler(*this, schema).compile(schema); }
QuickFit::~QuickFit() = default;

bool QuickFit::usable() const { return root_ != nullptr; }

bool QuickFit::surely_fits(const json::value& document) const {
  return root_ != nullptr && root_->fits(document);
}

}  // namespace pollux::check
