// SPDX-License-Identifier: Apache-2.0
#include "config/each_item.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.hpp"

namespace pollux::config {
namespace {

constexpr std::size_t kFarTooMany = 1'000'000'000;

NodePtr child(const Node& node, std::string_view key) {
  const Node::Entry* entry = node.find(key);
  return entry != nullptr ? entry->value : nullptr;
}

NodePtr child(const Node& node, std::size_t index) {
  return index < node.items.size() ? node.items[index] : nullptr;
}

// One step down: takes ".key" or "[3]" off the path.
NodePtr descend(const Node& node, std::string_view& path) {
  bool in_list = path.front() == '[';
  path.remove_prefix(1);
  std::size_t end = std::min(path.find_first_of(in_list ? "]" : ".["), path.size());
  std::string_view part = path.substr(0, end);
  path.remove_prefix(std::min(end + (in_list ? 1 : 0), path.size()));
  if (!in_list) return child(node, part);
  std::size_t index = 0;
  auto [parsed, error] = std::from_chars(part.data(), part.data() + part.size(), index);
  return error == std::errc() && parsed == part.data() + part.size() ? child(node, index) : nullptr;
}

}  // namespace

std::size_t ForEach::size() const {
  std::size_t out = 1;
  for (const Axis& axis : axes) out = std::min(out * axis.items.size(), kFarTooMany);
  return out;
}

EachItem::EachItem(std::shared_ptr<const ForEach> of, std::size_t index) : of_(std::move(of)), index_(index) {
  choices_.resize(of_->axes.size());
  for (std::size_t i = choices_.size(); i-- > 0; index /= of_->axes[i].items.size())
    choices_[i] = {&of_->axes[i], index % of_->axes[i].items.size()};
  for (const auto& [axis, item] : choices_) {
    const NodePtr& value = axis->items[item];
    if (!axis->name.empty()) {
      variables_.emplace_back(axis->name, value);
    } else if (!value->is(Node::Kind::kMap)) {
      variables_.emplace_back("value", value);
    } else {
      for (const Node::Entry& entry : value->entries) variables_.emplace_back(entry.key, entry.value);
    }
  }
}

NodePtr EachItem::number(std::string_view axis) const {
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::kScalar;
  node->plain = true;
  if (axis.empty()) {
    node->text = std::to_string(index_ + 1);
    return node;
  }
  auto choice = std::ranges::find_if(choices_, [&](const Choice& one) { return one.axis->name == axis; });
  if (choice == choices_.end()) return nullptr;
  node->text = std::to_string(choice->item + 1);
  return node;
}

bool EachItem::has(std::string_view variable) const {
  return std::ranges::find(variables_, variable, &Variables::value_type::first) != variables_.end();
}

NodePtr EachItem::find(std::string_view path) const {
  std::string_view name = path.substr(0, path.find_first_of(".["));
  std::string_view rest = path.substr(name.size());
  auto variable = std::ranges::find(variables_, name, &Variables::value_type::first);
  if (variable == variables_.end()) {
    return path.ends_with('#') ? number(path.substr(0, path.size() - 1)) : nullptr;
  }
  NodePtr value = variable->second;
  while (value && !rest.empty()) value = descend(*value, rest);
  return value;
}

std::vector<std::string> EachItem::names() const {
  std::vector<std::string> out;
  for (const auto& [name, value] : variables_) {
    if (!value->is(Node::Kind::kMap)) out.emplace_back(name);
    for (const Node::Entry& entry : value->entries) out.push_back(std::string(name) + "." + entry.key);
  }
  return out;
}

std::string EachItem::label() const {
  std::string out;
  for (const auto& [axis, item] : choices_) {
    if (!out.empty()) out += " and ";
    out += fmt::format("item {}", item + 1);
    if (!axis->name.empty()) out += fmt::format(" of `{}`", axis->name);
    int line = axis->items[item]->at.line;
    if (axis->file.empty()) continue;
    out += line > 0 ? fmt::format(" ({}, line {})", axis->file, line) : fmt::format(" ({})", axis->file);
  }
  return out;
}

NodePtr child_of(const Node& node, const std::variant<std::string, std::size_t>& part) {
  return std::visit([&](const auto& one) { return child(node, one); }, part);
}

void append_json(const Node& node, std::string& out) {
  if (node.is(Node::Kind::kMap)) {
    out += '{';
    for (const Node::Entry& entry : node.entries) {
      if (&entry != node.entries.data()) out += ',';
      out.append(json_quote(entry.key)) += ':';
      append_json(*entry.value, out);
    }
    out += '}';
  } else if (node.is(Node::Kind::kList)) {
    out += '[';
    for (const NodePtr& item : node.items) {
      if (&item != node.items.data()) out += ',';
      append_json(*item, out);
    }
    out += ']';
  } else {
    Resolved resolved = resolve(node);
    out += resolved.type == Resolved::Type::kText ? json_quote(node.text) : resolved.json;
  }
}

std::optional<std::string> text_of(const Node& node) {
  return node.is(Node::Kind::kScalar) ? std::optional(node.text) : std::nullopt;
}

}  // namespace pollux::config
