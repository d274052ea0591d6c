// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_tree.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace pollux::config {
namespace {

constexpr std::size_t kDeepest = 64;
// What aliases may add: enough for thousands of polls that share a block, far from what a bomb needs.
constexpr std::size_t kMostExpanded = 1'000'000;

bool known_tag(std::string_view tag) {
  return tag.empty() || tag == "?" || tag == "!" || tag == "tag:yaml.org,2002:str" ||
         tag == "tag:yaml.org,2002:map" || tag == "tag:yaml.org,2002:seq";
}

}  // namespace

Mark YamlTree::mark_of(const YAML::Mark& mark) const {
  if (mark.is_null()) return {};
  // yaml-cpp counts bytes; people and editors count characters.
  auto end = std::min(static_cast<std::size_t>(std::max(mark.pos, 0)), text_.size());
  auto start = end - std::min(static_cast<std::size_t>(std::max(mark.column, 0)), end);
  auto characters = std::ranges::count_if(text_.substr(start, end - start), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  });
  return {mark.line + 1, static_cast<int>(characters) + 1};
}

std::shared_ptr<Node> YamlTree::make(Node::Kind kind, const YAML::Mark& mark) const {
  auto node = std::make_shared<Node>();
  node->kind = kind;
  node->at = mark_of(mark);
  node->offset = static_cast<std::size_t>(std::max(mark.pos, 0));
  return node;
}

void YamlTree::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  auto node = make(Node::Kind::kNull, mark);
  // "key:" with nothing behind it: yaml-cpp's mark is that of whatever comes next.
  std::string_view here = text_.substr(std::min(node->offset, text_.size()));
  bool written = here.starts_with('~') || here.starts_with("null") || here.starts_with("Null") ||
                 here.starts_with("NULL");
  if (!written && !stack_.empty() && stack_.back().has_key) node->at = stack_.back().entry.key_at;
  add(node, anchor);
}

void YamlTree::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  auto found = anchors_.find(anchor);
  if (found == anchors_.end())
    throw Stop{{mark_of(mark), "an alias inside its own anchor", "an anchor that ends before"}};
  expanded_ += found->second->weight;
  if (expanded_ > kMostExpanded) {
    throw Stop{{mark_of(mark), "aliases that expand to too much",
                "a file that expands to less than 1,000,000 values"}};
  }
  add(found->second, 0);
}

void YamlTree::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                        const std::string& value) {
  auto node = make(Node::Kind::kScalar, mark);
  if (!known_tag(tag)) faults_.push_back({node->at, "a tag", "a value without a tag"});
  node->plain = tag == "?" || tag.empty();
  node->text = value;
  unshield(node->text);
  add(node, anchor);
}

void YamlTree::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                               YAML::EmitterStyle::value) {
  open(Node::Kind::kList, mark, tag, anchor);
}

void YamlTree::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                          YAML::EmitterStyle::value) {
  open(Node::Kind::kMap, mark, tag, anchor);
}

void YamlTree::open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
  if (stack_.size() >= kDeepest) throw Stop{{mark_of(mark), "a value that is too deep", "at most 64 levels"}};
  Frame frame;
  frame.node = make(kind, mark);
  frame.anchor = anchor;
  if (!known_tag(tag)) faults_.push_back({frame.node->at, "a tag", "a value without a tag"});
  stack_.push_back(std::move(frame));
}

void YamlTree::close() {
  Frame frame = std::move(stack_.back());
  stack_.pop_back();
  if (frame.node->is(Node::Kind::kMap)) finish_map(frame);
  add(frame.node, frame.anchor);
}

void YamlTree::add(const NodePtr& node, YAML::anchor_t anchor) {
  if (anchor != 0) anchors_[anchor] = node;
  if (stack_.empty()) {
    root_ = node;
    return;
  }
  Frame& frame = stack_.back();
  frame.node->weight += node->weight;
  if (frame.node->is(Node::Kind::kList)) {
    frame.node->items.push_back(node);
  } else if (!frame.has_key) {
    take_key(frame, node);
  } else {
    frame.has_key = false;
    if (frame.bad_key) return;
    if (frame.merge) return merge(frame, node);
    frame.entry.value = node;
    frame.node->entries.push_back(std::move(frame.entry));
  }
}

void YamlTree::take_key(Frame& frame, const NodePtr& node) {
  frame.has_key = true;
  frame.bad_key = !node->is(Node::Kind::kScalar);
  frame.merge = !frame.bad_key && node->plain && node->text == "<<";
  frame.entry = {node->text, node->at, nullptr};
  if (frame.bad_key) faults_.push_back({node->at, "a key that is no text", "a text as key"});
}

// https://yaml.org/type/merge.html: a map, or a list of maps of which the earlier ones win.
void YamlTree::merge(Frame& frame, const NodePtr& node) {
  auto take = [&](const Node& map) {
    frame.merged.insert(frame.merged.end(), map.entries.begin(), map.entries.end());
  };
  bool all_maps =
      std::ranges::all_of(node->items, [](const NodePtr& item) { return item->is(Node::Kind::kMap); });
  if (node->is(Node::Kind::kMap)) {
    take(*node);
  } else if (node->is(Node::Kind::kList) && all_maps) {
    for (const NodePtr& item : node->items) take(*item);
  } else {
    faults_.push_back({node->at, "`<<` with something that is no map", "a map, or a list of maps, to merge"});
  }
}

void YamlTree::finish_map(Frame& frame) {
  std::unordered_map<std::string_view, Mark> seen;
  auto& entries = frame.node->entries;
  entries.reserve(entries.size() + frame.merged.size());  // keys are seen by view: they must not move
  for (const Node::Entry& entry : entries) {
    auto [first, is_new] = seen.emplace(entry.key, entry.key_at);
    if (is_new) continue;
    faults_.push_back({entry.key_at, "key `" + entry.key + "` a second time",
                       "each key once; the first is in line " + std::to_string(first->second.line)});
  }
  for (Node::Entry& entry : frame.merged) {
    if (seen.contains(entry.key)) continue;
    entries.push_back(std::move(entry));
    seen.emplace(entries.back().key, entries.back().key_at);
  }
}

}  // namespace pollux::config
