// SPDX-License-Identifier: Apache-2.0
#include "config/value_shapes.hpp"

#include "base/encoding.hpp"
#include "config/program_place.hpp"
#include "config/text_rule.hpp"

namespace pollux::config {
namespace {

namespace json = boost::json;

class TemplateShape final : public Shape<Template> {
 public:
  explicit TemplateShape(bool is_path) : is_path_(is_path) {}
  void read(Reader& reader, const Node& node, Template& out) const override {
    if (auto found = reader.as_template(node, is_path_)) out = std::move(*found);
  }
  json::object schema() const override {
    json::array any;
    any.emplace_back(json::object{{"type", json::array{"number", "boolean"}}});
    any.emplace_back(defined("template"));
    return {{"anyOf", std::move(any)}};
  }

 private:
  bool is_path_;
};

std::string json_of(const Node& node) {
  std::string out;
  append_json(node, out);
  return out;
}

class BodyShape final : public Shape<BodyNode> {
 public:
  void read(Reader& reader, const Node& node, BodyNode& out) const override {
    if (node.is(Node::Kind::kMap)) {
      auto& object = out.value.emplace<BodyNode::Object>();
      for (const Node::Entry& entry : node.entries) {
        Reader::Below below(reader, entry.key);
        read(reader, *entry.value, object.emplace_back(entry.key, BodyNode{}).value);
      }
    } else if (node.is(Node::Kind::kList)) {
      auto& list = out.value.emplace<BodyNode::List>();
      for (const NodePtr& item : node.items) {
        Reader::Below below(reader, "[" + std::to_string(list.size()) + "]");
        read(reader, *item, list.emplace_back());
      }
    } else if (Resolved resolved = resolve(node); resolved.type != Resolved::Type::kText) {
      out.value = BodyNode::Raw{resolved.json};
    } else if (NodePtr whole = reader.whole_value(node)) {
      out.value = BodyNode::Raw{reader.shared(json_of(*whole))};
    } else if (auto text = reader.as_template(node)) {
      out.value = std::move(*text);
    }
  }
  json::object schema() const override { return defined("template_value"); }
};

// A value as JSON text; `where` it stands, should a secret be in it.
void append_value(Reader& reader, const Node& node, const std::string& where, std::string& out) {
  if (node.is(Node::Kind::kMap)) {
    out += '{';
    for (const Node::Entry& entry : node.entries) {
      Reader::Below below(reader, entry.key);
      if (&entry != node.entries.data()) out += ',';
      out.append(json_quote(entry.key)).append(":");
      append_value(reader, *entry.value, where, out);
    }
    out += '}';
  } else if (node.is(Node::Kind::kList)) {
    out += '[';
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      Reader::Below below(reader, "[" + std::to_string(i) + "]");
      if (i > 0) out += ',';
      append_value(reader, *node.items[i], where, out);
    }
    out += ']';
  } else if (Resolved resolved = resolve(node); resolved.type != Resolved::Type::kText) {
    out += resolved.json;
  } else if (NodePtr whole = reader.whole_value(node)) {
    append_json(*whole, out);
  } else {
    std::size_t secrets = reader.secret_count();
    out += json_quote(reader.text(node, "a value").value_or(""));
    if (reader.secret_count() > secrets) {
      reader.warn(node.at, "a secret in " + where, "a value that may be public",
                  "a jq program can publish whatever it sees");
    }
  }
}

class VarsShape final : public Shape<std::string> {
 public:
  void read(Reader& reader, const Node& node, std::string& out) const override {
    if (!node.is(Node::Kind::kMap)) return reader.wrong_kind(node, "a map");
    std::string text = "{";
    for (const Node::Entry& entry : node.entries) {
      if (reader.item() != nullptr && reader.item()->has(entry.key)) continue;  // the item's own goes first
      Reader::Below below(reader, entry.key);
      if (!text.ends_with('{')) text += ',';
      text.append(json_quote(entry.key)).append(":");
      append_value(reader, *entry.value, "`vars`", text);
    }
    out = text + "}";
  }
  json::object schema() const override {
    return {{"type", "object"}, {"additionalProperties", defined("value")}};
  }
};

class JsonValueShape final : public Shape<std::string> {
 public:
  void read(Reader& reader, const Node& node, std::string& out) const override {
    append_value(reader, node, "`" + reader.path() + "`", out);
  }
  json::object schema() const override { return defined("value"); }
};

class ProgramShape final : public Shape<ProgramText> {
 public:
  void read(Reader& reader, const Node& node, ProgramText& out) const override {
    std::string expected = "a jq program";
    if (!node.is(Node::Kind::kScalar)) return reader.wrong_kind(node, expected);
    if (resolve(node).type != Resolved::Type::kText) {
      return reader.fault(node.at, Reader::show(node), expected,
                          "a text that looks like something else needs quotes");
    }
    if (node.text.find_first_not_of(" \t\r\n") == std::string::npos) {
      return reader.fault(node.at, "an empty program", expected,
                          "leave `jq` out to publish the answer untouched");
    }
    if (reader.item() != nullptr && node.text.find("${each:") != std::string::npos) {
      return reader.fault(node.at, "`${each:...}` in a program", "a program that is the same for all items",
                          "it has the variables in $vars: $vars.NAME");
    }
    out.jq = reader.shared(node.text);
    out.at = node.at;
    place_program(reader.source(), node, out);
  }
  json::object schema() const override { return {{"type", "string"}, {"pattern", R"re([^ \t\r\n])re"}}; }
};

}  // namespace

ShapePtr<Template> template_shape() { return std::make_shared<TemplateShape>(false); }
ShapePtr<Template> path_template_shape() { return std::make_shared<TemplateShape>(true); }
ShapePtr<BodyNode> body_shape() { return std::make_shared<BodyShape>(); }
ShapePtr<std::string> vars_shape() { return std::make_shared<VarsShape>(); }
ShapePtr<std::string> json_value_shape() { return std::make_shared<JsonValueShape>(); }
ShapePtr<ProgramText> program_shape() { return std::make_shared<ProgramShape>(); }

}  // namespace pollux::config
