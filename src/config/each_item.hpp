#pragma once
// SPDX-License-Identifier: Apache-2.0
// What `for_each:` of a poll stands for: lists of values, and each combination of them, of which one poll is
// made. `${each:...}` is looked up here. Values are nodes, so that a value from a JSON or CSV file and one
// that is written in pollux.yaml are the same thing. Pure; any thread.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "config/yaml_source.hpp"

namespace pollux::config {

/// One list of a for_each.
struct Axis {
  std::string name;            // of the variable; empty: the items' own keys are the variables, or `value`
  std::string file;            // where the items come from; empty: pollux.yaml itself
  std::vector<NodePtr> items;  // never empty
};

struct ForEach {
  std::string poll;  // the poll's name as it is written, with ${each:...} in it
  std::vector<Axis> axes;
  std::unordered_set<const Node*> secrets;  // values that hold a secret

  /// How many polls it makes. Far beyond what is allowed it stops counting.
  std::size_t size() const;
};

/// One combination: an item of each axis. The last axis changes fastest.
class EachItem {
 public:
  using Variables = std::vector<std::pair<std::string_view, NodePtr>>;

  EachItem(std::shared_ptr<const ForEach> of, std::size_t index);

  const ForEach& of() const { return *of_; }
  std::size_t index() const { return index_; }
  const Variables& variables() const { return variables_; }
  bool has(std::string_view variable) const;
  /// `agency.name`, `value`, `rows[0].id`; `#`: this combination's number, `agency#`: this item's number in
  /// its list, both from 1. nullptr: there is no such value.
  NodePtr find(std::string_view path) const;
  /// The variables that there are, and the keys of those that are maps, for suggestions.
  std::vector<std::string> names() const;
  /// "item 3 of `agency` (agencies.json) and item 17 of `report` (usa.csv, line 18)".
  std::string label() const;

 private:
  struct Choice {
    const Axis* axis;
    std::size_t item;
  };
  NodePtr number(std::string_view axis) const;

  std::shared_ptr<const ForEach> of_;
  std::size_t index_;
  std::vector<Choice> choices_;
  Variables variables_;
};

/// The value one step below; nullptr: there is none.
NodePtr child_of(const Node& node, const std::variant<std::string, std::size_t>& part);

/// A value as JSON; numbers keep their digits.
void append_json(const Node& node, std::string& out);

/// A text or number as it stands in other text; nullopt for null, lists and maps.
std::optional<std::string> text_of(const Node& node);

}  // namespace pollux::config
