// SPDX-License-Identifier: Apache-2.0
#include "config/value_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <cstdint>
#include <unordered_set>

#include "base/csv.hpp"

namespace pollux::config {
namespace {

namespace json = boost::json;
using Code = json::error_code;

constexpr std::size_t kLargest = 64U << 20;
constexpr std::size_t kDeepest = 64;
constexpr std::size_t kMostValues = 1'000'000;

std::shared_ptr<Node> scalar(std::string text, bool plain) {
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::kScalar;
  node->plain = plain;
  node->text = std::move(text);
  return node;
}

std::unexpected<Error> malformed(std::string message) {
  return fail(ErrorKind::kMalformed, std::move(message));
}

// What Boost.JSON's parser tells of, as nodes. It is used in place of json::parse because that one turns
// numbers into doubles, and 2.50 must stay 2.50.
class NodeMaker {
 public:
  static constexpr std::size_t max_object_size = kMostValues;
  static constexpr std::size_t max_array_size = kMostValues;
  static constexpr std::size_t max_key_size = kLargest;
  static constexpr std::size_t max_string_size = kLargest;

  NodePtr root;
  std::string wrong;  // why it stopped, where the code does not say

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_array_begin(Code& code) { return open(Node::Kind::kList, code); }
  bool on_array_end(std::size_t, Code& code) { return close(code); }
  bool on_object_begin(Code& code) { return open(Node::Kind::kMap, code); }
  bool on_object_end(std::size_t, Code& code) { return close(code); }
  bool on_key_part(json::string_view part, std::size_t, Code&) { return take(part); }
  bool on_key(json::string_view part, std::size_t, Code&) {
    take(part);
    open_.back()->entries.push_back({std::exchange(text_, {}), {}, nullptr});
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, Code&) { return take(part); }
  bool on_string(json::string_view part, std::size_t, Code& code) {
    take(part);
    return add(scalar(std::exchange(text_, {}), false), code);
  }
  bool on_number_part(json::string_view part, Code&) { return take(part); }
  bool on_int64(std::int64_t, json::string_view part, Code& code) { return number(part, code); }
  bool on_uint64(std::uint64_t, json::string_view part, Code& code) { return number(part, code); }
  bool on_double(double, json::string_view part, Code& code) { return number(part, code); }
  bool on_bool(bool value, Code& code) { return add(scalar(value ? "true" : "false", true), code); }
  bool on_null(Code& code) { return add(std::make_shared<Node>(), code); }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }

 private:
  bool take(json::string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool number(json::string_view part, Code& code) {
    take(part);
    return add(scalar(std::exchange(text_, {}), true), code);
  }
  bool stop(std::string why, Code& code) {
    wrong = std::move(why);
    code = json::error::exception;
    return false;
  }
  bool open(Node::Kind kind, Code& code) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    if (!add(node, code)) return false;
    open_.push_back(std::move(node));
    return true;
  }
  bool close(Code& code) {
    const Node& node = *open_.back();
    std::unordered_set<std::string_view> seen;
    for (const Node::Entry& entry : node.entries) {
      if (!seen.insert(entry.key).second)
        return stop(fmt::format("key `{}` a second time", entry.key.substr(0, 60)), code);
    }
    open_.pop_back();
    return true;
  }
  bool add(const std::shared_ptr<Node>& node, Code& code) {
    if (++count_ > kMostValues) return stop("more than 1,000,000 values", code);
    if (open_.empty()) {
      root = node;
    } else if (open_.back()->is(Node::Kind::kMap)) {
      open_.back()->entries.back().value = node;
    } else {
      open_.back()->items.push_back(node);
    }
    return true;
  }

  std::vector<std::shared_ptr<Node>> open_;
  std::string text_;
  std::size_t count_ = 0;
};

}  // namespace

Result<NodePtr> parse_json_values(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.size() > kLargest) return malformed("it has more than 64 MiB");
  json::parse_options options;
  options.max_depth = kDeepest;
  json::basic_parser<NodeMaker> parser(options);
  Code code;
  std::size_t used = parser.write_some(false, text.data(), text.size(), code);
  if (!code && text.find_first_not_of(" \t\r\n", used) != std::string_view::npos)
    code = json::error::extra_data;
  if (!code) return std::move(parser.handler().root);
  auto line = 1 + std::ranges::count(text.substr(0, used), '\n');
  const std::string& wrong = parser.handler().wrong;
  return malformed(fmt::format("line {}: {}", line, wrong.empty() ? "not JSON: " + code.message() : wrong));
}

Result<std::vector<NodePtr>> parse_csv_values(std::string_view text) {
  if (text.size() > kLargest) return malformed("it has more than 64 MiB");
  if (auto bad = bad_character(text)) return malformed(fmt::format("line {}: {}", bad->at.line, bad->found));
  auto table = parse_csv(text);
  if (!table) return std::unexpected(table.error());
  if (table->rows.size() > kMostValues / table->header.size()) return malformed("more than 1,000,000 values");
  std::vector<NodePtr> out;
  for (CsvTable::Row& row : table->rows) {
    auto node = std::make_shared<Node>();
    node->kind = Node::Kind::kMap;
    node->at = {static_cast<int>(row.line), 1};
    for (std::size_t i = 0; i < row.fields.size(); ++i)
      node->entries.push_back({table->header[i], {}, scalar(std::move(row.fields[i]), false)});
    out.push_back(std::move(node));
  }
  return out;
}

}  // namespace pollux::config
