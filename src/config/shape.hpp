#pragma once
// SPDX-License-Identifier: Apache-2.0
// The one description of the file, of which both the reader and the JSON Schema are made, so that they cannot
// differ. A shape says how to read one kind of value into a T, and which JSON Schema accepts it. Shapes are
// built once, hold no state of a load, and are shared; any thread.

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/reader.hpp"

namespace pollux::config {

template <class T>
class Shape {
 public:
  virtual ~Shape() = default;
  /// Fills `out` as far as it can; what is wrong becomes a fault of the reader.
  virtual void read(Reader& reader, const Node& node, T& out) const = 0;
  virtual boost::json::object schema() const = 0;
};

template <class T>
using ShapePtr = std::shared_ptr<const Shape<T>>;

/// Names that people give: of upstreams, stores, polls, headers...
struct NameRule {
  std::string what;     // "a name of letters, digits, ..."
  std::string pattern;  // of JSON Schema
  std::function<bool(const std::string&)> good;
};

/// ^[A-Za-z_][A-Za-z0-9_.-]{0,99}$, without . and - for steps: jq must be able to say .name.
NameRule name_rule();
NameRule step_name_rule();
NameRule header_name_rule();
NameRule any_name_rule();

/// A map from names to values, kept in the order of the file. `least` and `most` entries (0: any number).
template <class T>
class MapShape final : public Shape<std::vector<std::pair<std::string, T>>> {
 public:
  MapShape(std::string what, NameRule names, ShapePtr<T> value, std::size_t least = 0, std::size_t most = 0,
           Place place = Place::kOrdinary)
      : what_(std::move(what)),
        names_(std::move(names)),
        value_(std::move(value)),
        least_(least),
        most_(most),
        place_(place) {}

  void read(Reader& reader, const Node& node, std::vector<std::pair<std::string, T>>& out) const override {
    if (!node.is(Node::Kind::kMap)) return reader.wrong_kind(node, what_, place_);
    if (node.entries.size() < least_) reader.fault(node.at, "an empty map", what_);
    if (most_ > 0 && node.entries.size() > most_) {
      reader.fault(node.at, "a map of " + std::to_string(node.entries.size()), what_);
    }
    out.reserve(node.entries.size());
    for (const Node::Entry& entry : node.entries) {
      Reader::Below below(reader, entry.key);
      if (!names_.good(entry.key)) reader.fault(entry.key_at, "a name that cannot be", names_.what);
      T value{};
      value_->read(reader, *entry.value, value);
      out.emplace_back(entry.key, std::move(value));
    }
  }

  boost::json::object schema() const override {
    boost::json::object out{{"type", "object"}, {"additionalProperties", value_->schema()}};
    if (!names_.pattern.empty()) out["propertyNames"] = boost::json::object{{"pattern", names_.pattern}};
    if (least_ > 0) out["minProperties"] = least_;
    if (most_ > 0) out["maxProperties"] = most_;
    return out;
  }

 private:
  std::string what_;
  NameRule names_;
  ShapePtr<T> value_;
  std::size_t least_;
  std::size_t most_;
  Place place_;
};

/// A list with at least one item.
template <class T>
class ListShape final : public Shape<std::vector<T>> {
 public:
  ListShape(std::string what, ShapePtr<T> item) : what_(std::move(what)), item_(std::move(item)) {}

  void read(Reader& reader, const Node& node, std::vector<T>& out) const override {
    if (!node.is(Node::Kind::kList)) return reader.wrong_kind(node, what_);
    if (node.items.empty()) reader.fault(node.at, "an empty list", what_);
    for (const NodePtr& item : node.items) {
      Reader::Below below(reader, "[" + std::to_string(out.size()) + "]");
      item_->read(reader, *item, out.emplace_back());
    }
  }

  boost::json::object schema() const override {
    return {{"type", "array"}, {"minItems", 1}, {"items", item_->schema()}};
  }

 private:
  std::string what_;
  ShapePtr<T> item_;
};

/// One of two shapes; which one is told by a look at the node. The two must not accept the same node.
template <class T>
class EitherShape final : public Shape<T> {
 public:
  EitherShape(std::function<bool(const Node&)> first_is_meant, ShapePtr<T> first, ShapePtr<T> second)
      : first_is_meant_(std::move(first_is_meant)), first_(std::move(first)), second_(std::move(second)) {}

  void read(Reader& reader, const Node& node, T& out) const override {
    (first_is_meant_(node) ? first_ : second_)->read(reader, node, out);
  }
  boost::json::object schema() const override {
    return {{"anyOf", boost::json::array{first_->schema(), second_->schema()}}};
  }

 private:
  std::function<bool(const Node&)> first_is_meant_;
  ShapePtr<T> first_;
  ShapePtr<T> second_;
};

/// The shape of a U, put into a T.
template <class U, class T>
class InShape final : public Shape<T> {
 public:
  InShape(ShapePtr<U> inner, std::function<void(T&, U)> put)
      : inner_(std::move(inner)), put_(std::move(put)) {}
  void read(Reader& reader, const Node& node, T& out) const override {
    U value{};
    inner_->read(reader, node, value);
    put_(out, std::move(value));
  }
  boost::json::object schema() const override { return inner_->schema(); }

 private:
  ShapePtr<U> inner_;
  std::function<void(T&, U)> put_;
};

}  // namespace pollux::config
