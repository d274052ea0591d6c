#pragma once
// SPDX-License-Identifier: Apache-2.0
// A map with known keys, as a shape: each key with its sentence of documentation, the shape of its value and
// where the value goes; and rules that span keys, each said twice side by side: as a check and as JSON
// Schema.

#include <optional>
#include <string_view>
#include <type_traits>

#include "config/shape.hpp"

namespace pollux::config {

/// What an object's fields have in common, without their types.
struct FieldInfo {
  std::string name;
  std::string doc;
  bool required = false;
};

/// Faults for keys that are unknown (with the nearest right one) or missing.
void report_unknown_key(Reader& reader, const Node::Entry& entry, const std::vector<FieldInfo>& fields);
void report_missing_keys(Reader& reader, const Node& node, const std::vector<FieldInfo>& fields);

/// `schema` with a description; wrapped where draft 7 would ignore what stands beside $ref.
boost::json::object described(boost::json::object schema, const std::string& doc);

enum class Need { kRequired, kOptional };

template <class T>
class ObjectShape : public Shape<T> {
 public:
  using Check = std::function<void(Reader&, const Node&, T&)>;

  explicit ObjectShape(std::string what, Place place = Place::kOrdinary)
      : what_(std::move(what)), place_(place) {}

  template <class M>
  ObjectShape& field(std::string name, Need need, std::string doc, ShapePtr<M> shape,
                     std::type_identity_t<std::function<void(T&, M)>> put) {
    infos_.push_back({std::move(name), std::move(doc), need == Need::kRequired});
    readers_.push_back([shape, put = std::move(put)](Reader& reader, const Node& node, T& out) {
      M value{};
      shape->read(reader, node, value);
      put(out, std::move(value));
    });
    schemas_.push_back([shape] { return shape->schema(); });
    return *this;
  }
  template <class M>
  ObjectShape& field(std::string name, Need need, std::string doc, ShapePtr<M> shape, M T::* member) {
    return field<M>(std::move(name), need, std::move(doc), std::move(shape),
                    [member](T& out, M value) { out.*member = std::move(value); });
  }
  template <class M>
  ObjectShape& field(std::string name, Need need, std::string doc, ShapePtr<M> shape,
                     std::optional<M> T::* member) {
    return field<M>(std::move(name), need, std::move(doc), std::move(shape),
                    [member](T& out, M value) { out.*member = std::move(value); });
  }

  /// A rule that spans keys: `check` is called when all keys are read, and `schema` says the same (empty: it
  /// cannot).
  ObjectShape& rule(boost::json::object schema, Check check) {
    if (!schema.empty()) rules_.push_back(std::move(schema));
    checks_.push_back(std::move(check));
    return *this;
  }
  ObjectShape& exactly_one(std::vector<std::string> keys);
  /// `key` makes sense only with `other` / only without it.
  ObjectShape& only_with(const std::string& key, const std::string& other);
  ObjectShape& only_without(const std::string& key, const std::string& other);

  void read(Reader& reader, const Node& node, T& out) const override {
    if (!node.is(Node::Kind::kMap)) return reader.wrong_kind(node, what_, place_);
    for (const Node::Entry& entry : node.entries) {
      Reader::Below below(reader, entry.key);
      std::size_t i = 0;
      while (i < infos_.size() && infos_[i].name != entry.key) ++i;
      if (i == infos_.size()) {
        report_unknown_key(reader, entry, infos_);
      } else {
        readers_[i](reader, *entry.value, out);
      }
    }
    report_missing_keys(reader, node, infos_);
    for (const Check& check : checks_) check(reader, node, out);
  }

  boost::json::object schema() const override {
    boost::json::object properties;
    boost::json::array required;
    for (std::size_t i = 0; i < infos_.size(); ++i) {
      properties[infos_[i].name] = described(schemas_[i](), infos_[i].doc);
      if (infos_[i].required) required.emplace_back(infos_[i].name);
    }
    boost::json::object out{
        {"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
    if (!required.empty()) out["required"] = std::move(required);
    if (!rules_.empty()) out["allOf"] = boost::json::array(rules_.begin(), rules_.end());
    return out;
  }

 private:
  std::string what_;
  Place place_;
  std::vector<FieldInfo> infos_;
  std::vector<std::function<void(Reader&, const Node&, T&)>> readers_;
  std::vector<std::function<boost::json::object()>> schemas_;
  std::vector<boost::json::object> rules_;
  std::vector<Check> checks_;
};

boost::json::object one_of_keys_schema(const std::vector<std::string>& keys);
void check_one_of_keys(Reader& reader, const Node& node, const std::vector<std::string>& keys);
boost::json::object key_dependency(const std::string& key, const std::string& other, bool with);
void check_key_dependency(Reader& reader, const Node& node, const std::string& key, const std::string& other,
                          bool with);

template <class T>
ObjectShape<T>& ObjectShape<T>::exactly_one(std::vector<std::string> keys) {
  return rule(one_of_keys_schema(keys),
              [keys](Reader& r, const Node& n, T&) { check_one_of_keys(r, n, keys); });
}

template <class T>
ObjectShape<T>& ObjectShape<T>::only_with(const std::string& key, const std::string& other) {
  return rule(key_dependency(key, other, true),
              [=](Reader& r, const Node& n, T&) { check_key_dependency(r, n, key, other, true); });
}

template <class T>
ObjectShape<T>& ObjectShape<T>::only_without(const std::string& key, const std::string& other) {
  return rule(key_dependency(key, other, false),
              [=](Reader& r, const Node& n, T&) { check_key_dependency(r, n, key, other, false); });
}

}  // namespace pollux::config
