#pragma once
// SPDX-License-Identifier: Apache-2.0
// YAML text to a tree that knows where each of its nodes stands. Stricter than yaml-cpp: a repeated key, a
// key that is no text, a second document and unknown tags are faults. Safe with hostile files: depth, size
// and what aliases expand to are bounded, and aliased nodes are shared, not copied. Merge keys (<<) are
// resolved here. Pure; any thread.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"

namespace pollux::config {

struct Node;
using NodePtr = std::shared_ptr<const Node>;

struct Node {
  enum class Kind { kNull, kScalar, kList, kMap };
  struct Entry {
    std::string key;
    Mark key_at;
    NodePtr value;  // never empty
  };

  Kind kind = Kind::kNull;
  bool plain = false;      // a scalar without quotes: may be a number or a boolean
  Mark at;                 // columns count characters
  std::size_t offset = 0;  // bytes from the text's start, to anchors and tags too
  std::string text;
  std::vector<NodePtr> items;
  std::vector<Entry> entries;
  std::size_t weight = 1;  // nodes below, with aliases expanded

  bool is(Kind k) const { return kind == k; }
  /// The entry with that key, or nullptr. Linear: for maps with few keys.
  const Entry* find(std::string_view key) const;
};

struct YamlFault {
  Mark at;
  std::string found;
  std::string expected;
};

struct YamlDocument {
  NodePtr root;  // kNull for an empty file; nullptr when the text is not YAML
  std::vector<YamlFault> faults;
};

YamlDocument parse_yaml(std::string_view text);

/// The first byte that a text file cannot hold: bad UTF-8 or a control character.
std::optional<YamlFault> bad_character(std::string_view text);

/// Puts back what stood in `${...}` before the text was made fit for YAML. For YamlTree.
void unshield(std::string& text);

/// A plain scalar by YAML 1.2's core schema, as JSON has it. ".inf" and ".nan" are texts: JSON has no such
/// numbers.
struct Resolved {
  enum class Type { kNull, kBool, kInteger, kFloat, kText };
  Type type = Type::kText;
  std::string json;  // exact digits, also beyond 64 bits; empty for kText
};
Resolved resolve(const Node& node);

}  // namespace pollux::config
