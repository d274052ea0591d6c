// SPDX-License-Identifier: Apache-2.0
#include "config/for_each_shape.hpp"

#include <algorithm>

#include "config/object_shape.hpp"
#include "config/text_rule.hpp"
#include "config/text_shapes.hpp"
#include "config/value_file.hpp"

namespace pollux::config {
namespace {

namespace json = boost::json;

// Where a list comes from that is not written in pollux.yaml.
struct Source {
  std::filesystem::path file;
  PathParts at;
};

ShapePtr<std::filesystem::path> value_file_path() {
  auto parse = [](const std::string& text) -> Parsed<std::filesystem::path> {
    bool line = text.find_first_of(std::string_view("\0\r\n", 3)) == std::string::npos;
    if (!line || (!text.ends_with(".json") && !text.ends_with(".csv"))) return std::unexpected("");
    return std::filesystem::path(text);
  };
  return text_shape<std::filesystem::path>({"a file that ends in .json or .csv, relative to this one",
                                            R"re(^[^\x00\r\n]*\.(?:json|csv)$)re", parse});
}

ShapePtr<PathParts> list_place() {
  auto parse = [](const std::string& text) -> Parsed<PathParts> {
    auto path = parse_path(text);
    if (!path || text.empty()) return std::unexpected(path ? "" : path.error());
    return std::move(*path);
  };
  return text_shape<PathParts>({"where in the file its list is, such as .reports or .data.items[0]",
                                R"re(^(?:\.[^.[\]]+|\[[0-9]{1,9}\])+$)re", parse});
}

ShapePtr<Source> source_shape() {
  auto shape = std::make_shared<ObjectShape<Source>>("a map with `file`");
  shape
      ->field(
          "file", Need::kRequired,
          "A JSON file with a list of maps or values, or a CSV file with a line of names. At most 64 MiB.",
          value_file_path(), &Source::file)
      .field("at", Need::kOptional, "Where in a JSON file the list is. Default: the whole file.",
             list_place(), &Source::at);
  return shape;
}

// A file is named by a text; a map of lists may have a list that is called `file`.
bool is_source(const Node& node) {
  const Node::Entry* file = node.find("file");
  if (file == nullptr) file = node.find("at");
  return file != nullptr && !file->value->is(Node::Kind::kList) && !file->value->is(Node::Kind::kMap);
}

class ForEachShape final : public Shape<ForEach> {
 public:
  void read(Reader& reader, const Node& node, ForEach& out) const override;
  json::object schema() const override;

 private:
  // False after a fault.
  bool read_axis(Reader& reader, const Node& node, Axis& axis, ForEach& out) const;
  bool read_file(Reader& reader, const Node& node, Axis& axis) const;
  json::object axis_schema() const;

  ShapePtr<Source> source_ = source_shape();
  NameRule names_ = step_name_rule();
};

// A value with its variables filled in: the same node where it has none.
NodePtr filled(Reader& reader, const NodePtr& node, ForEach& out) {
  if (node->is(Node::Kind::kScalar)) {
    if (node->text.find('$') == std::string::npos) return node;
    auto copy = std::make_shared<Node>(*node);
    std::size_t secrets = reader.secret_count();
    copy->text = reader.text(*node, "a value").value_or("");
    copy->plain = false;
    if (reader.secret_count() > secrets) out.secrets.insert(copy.get());
    return copy;
  }
  auto copy = std::make_shared<Node>(*node);
  for (NodePtr& item : copy->items) item = filled(reader, item, out);
  for (Node::Entry& entry : copy->entries) {
    Reader::Below below(reader, entry.key);
    entry.value = filled(reader, entry.value, out);
  }
  return copy;
}

// Without a name, the keys of the items are the variables: then all items are maps, or none.
bool check_kinds(Reader& reader, const Node& node, const Axis& axis) {
  if (!axis.name.empty()) return true;
  bool maps = axis.items.front()->is(Node::Kind::kMap);
  auto other = std::ranges::find_if(axis.items,
                                    [&](const NodePtr& item) { return item->is(Node::Kind::kMap) != maps; });
  if (other == axis.items.end()) return true;
  std::string which = axis.file.empty() ? ""
                                        : " (item " + std::to_string(other - axis.items.begin() + 1) +
                                              " of " + axis.file + ")";
  Mark at = axis.file.empty() ? (*other)->at : node.at;
  reader.fault(at, std::string(maps ? "a value among maps" : "a map among values") + which,
               "items that are all maps, or none of them");
  return false;
}

Result<std::vector<NodePtr>> items_of_json(const std::string& text, const PathParts& at) {
  auto root = parse_json_values(text);
  if (!root) return std::unexpected(root.error());
  NodePtr list = *root;
  for (const auto& part : at) {
    list = child_of(*list, part);
    if (!list) return fail(ErrorKind::kMalformed, "there is nothing at that place");
  }
  if (!list->is(Node::Kind::kList)) {
    return fail(ErrorKind::kMalformed,
                (at.empty() ? "it holds " : "there stands ") + Reader::show(*list) + ", and no list");
  }
  return list->items;
}

bool ForEachShape::read_file(Reader& reader, const Node& node, Axis& axis) const {
  std::size_t faults = reader.fault_count();
  Source source;
  source_->read(reader, node, source);
  if (reader.fault_count() > faults) return false;
  const Node& file = *node.find("file")->value;
  const Node::Entry* at = node.find("at");
  bool csv = source.file.extension() == ".csv";
  if (csv && at != nullptr) {
    reader.fault(at->key_at, "`at` for a CSV file", "`at` for a JSON file only");
    return false;
  }
  auto text = reader.environment().read((reader.directory() / source.file).lexically_normal());
  if (!text) {
    reader.fault(file.at, Reader::show(file), "a file that can be read: " + text.error().message);
    return false;
  }
  auto items = csv ? parse_csv_values(*text) : items_of_json(*text, source.at);
  if (items && items->empty()) items = fail(ErrorKind::kMalformed, "there are no items in it");
  if (!items) {
    reader.fault(file.at, Reader::show(file) + ": " + items.error().message,
                 csv ? "a CSV file with a line of names and at least one more"
                     : "a JSON file with a list of at least one item");
    return false;
  }
  axis.file = source.file.string();
  axis.items = std::move(*items);
  return true;
}

bool ForEachShape::read_axis(Reader& reader, const Node& node, Axis& axis, ForEach& out) const {
  if (node.is(Node::Kind::kMap)) return read_file(reader, node, axis) && check_kinds(reader, node, axis);
  if (!node.is(Node::Kind::kList) || node.items.empty()) {
    reader.fault(node.at, node.is(Node::Kind::kList) ? "an empty list" : Reader::show(node),
                 "a list with at least one item, or a map with `file`");
    return false;
  }
  for (const NodePtr& item : node.items) {
    Reader::Below below(reader, "[" + std::to_string(axis.items.size()) + "]");
    axis.items.push_back(filled(reader, item, out));
  }
  return check_kinds(reader, node, axis);
}

void ForEachShape::read(Reader& reader, const Node& node, ForEach& out) const {
  bool good = true;
  if (node.is(Node::Kind::kList) || (node.is(Node::Kind::kMap) && is_source(node))) {
    good = read_axis(reader, node, out.axes.emplace_back(), out);
  } else if (node.is(Node::Kind::kMap) && !node.entries.empty()) {
    out.axes.reserve(node.entries.size());
    for (const Node::Entry& entry : node.entries) {
      Reader::Below below(reader, entry.key);
      if (!names_.good(entry.key)) reader.fault(entry.key_at, "a name that cannot be", names_.what);
      Axis& axis = out.axes.emplace_back();
      axis.name = entry.key;
      good = read_axis(reader, *entry.value, axis, out) && good;
    }
  } else {
    reader.fault(node.at,
                 node.entries.empty() && node.is(Node::Kind::kMap) ? "an empty map" : Reader::show(node),
                 "a list, a map of lists by name, or a map with `file`");
    good = false;
  }
  if (!good) return out.axes.clear();
  if (!out.secrets.empty()) {
    reader.warn(node.at, "a secret in `for_each`", "values that may be public",
                "a jq program sees them in $vars, and can publish whatever it sees");
  }
}

json::object ForEachShape::axis_schema() const {
  json::array any;
  any.emplace_back(json::object{{"type", "array"}, {"minItems", 1}, {"items", defined("value")}});
  any.emplace_back(source_->schema());
  return {{"anyOf", std::move(any)}};
}

json::object ForEachShape::schema() const {
  json::object map{{"type", "object"}};
  json::object no_map{{"not", map}};
  json::array of_one_kind{json::object{{"items", map}}, json::object{{"items", no_map}}};
  json::array any;
  any.emplace_back(json::object{
      {"type", "array"}, {"minItems", 1}, {"items", defined("value")}, {"anyOf", std::move(of_one_kind)}});
  any.emplace_back(source_->schema());
  any.emplace_back(json::object{{"type", "object"},
                                {"minProperties", 1},
                                {"propertyNames", json::object{{"pattern", names_.pattern}}},
                                {"additionalProperties", axis_schema()}});
  return {{"anyOf", std::move(any)}};
}

}  // namespace

ShapePtr<ForEach> for_each_shape() {
  static const ShapePtr<ForEach> shape = std::make_shared<ForEachShape>();
  return shape;
}

}  // namespace pollux::config
