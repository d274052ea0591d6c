// SPDX-License-Identifier: Apache-2.0
// Numbers, booleans, words of a list, and names of other things in the file.
#include <algorithm>
#include <charconv>

#include "base/nearest.hpp"
#include "config/text_rule.hpp"
#include "config/text_shapes.hpp"

namespace pollux::config {
namespace {

namespace json = boost::json;

bool has_variables(const Node& node) { return node.text.find("${") != std::string::npos; }

std::string quoted_mend(const Node& node) {
  Node plain = node;
  plain.plain = true;
  return !node.plain && resolve(plain).type != Resolved::Type::kText ? "write it without quotes" : "";
}

class CountShape final : public Shape<std::size_t> {
 public:
  CountShape(std::size_t least, std::size_t most) : least_(least), most_(most) {}
  void read(Reader& reader, const Node& node, std::size_t& out) const override {
    std::string expected = "a whole number from " + std::to_string(least_) + " to " + std::to_string(most_);
    Resolved resolved = resolve(node);
    bool varied = node.is(Node::Kind::kScalar) && has_variables(node);
    if (resolved.type != Resolved::Type::kInteger && !varied)
      return reader.fault(node.at, Reader::show(node), expected, quoted_mend(node));
    auto text = varied ? reader.text(node, expected) : std::optional(resolved.json);
    if (!text) return;
    std::size_t value = 0;
    auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    bool whole = error == std::errc() && end == text->data() + text->size();
    if (!whole || value < least_ || value > most_) return reader.wrong_kind(node, expected);
    out = value;
  }
  json::object schema() const override {
    return or_varied({{"type", "integer"}, {"minimum", least_}, {"maximum", most_}});
  }

 private:
  std::size_t least_;
  std::size_t most_;
};

class BoolShape final : public Shape<bool> {
 public:
  void read(Reader& reader, const Node& node, bool& out) const override {
    Resolved resolved = resolve(node);
    bool varied = node.is(Node::Kind::kScalar) && has_variables(node);
    if (resolved.type != Resolved::Type::kBool && !varied)
      return reader.fault(node.at, Reader::show(node), "true or false", quoted_mend(node));
    auto text = varied ? reader.text(node, "true or false") : std::optional(resolved.json);
    if (!text) return;
    if (*text != "true" && *text != "false") return reader.wrong_kind(node, "true or false");
    out = *text == "true";
  }
  json::object schema() const override { return or_varied({{"type", "boolean"}}); }
};

class WordShape final : public Shape<std::size_t> {
 public:
  explicit WordShape(std::vector<std::string> words) : words_(std::move(words)) {}
  void read(Reader& reader, const Node& node, std::size_t& out) const override {
    std::string expected;
    for (const std::string& word : words_) expected += (expected.empty() ? "one of `" : ", `") + word + "`";
    auto text = reader.text(node, expected);
    if (!text) return;
    auto found = std::ranges::find(words_, *text);
    if (found == words_.end()) {
      auto near = nearest(*text, words_);
      return reader.fault(node.at, Reader::show(node), expected, near ? "did you mean `" + *near + "`?" : "");
    }
    out = static_cast<std::size_t>(found - words_.begin());
  }
  json::object schema() const override {
    return or_varied({{"enum", json::array(words_.begin(), words_.end())}});
  }

 private:
  std::vector<std::string> words_;
};

class ReferenceShape final : public Shape<std::string> {
 public:
  explicit ReferenceShape(Reference::To to) : to_(to) {}
  void read(Reader& reader, const Node& node, std::string& out) const override {
    std::string expected =
        to_ == Reference::To::kUpstream ? "the name of an upstream" : "the name of a store";
    bool text = node.is(Node::Kind::kScalar) && resolve(node).type == Resolved::Type::kText;
    auto value = text ? reader.text(node, expected) : std::nullopt;
    if (!text) reader.wrong_kind(node, expected);
    if (!value) return;
    reader.references.push_back({to_, *value, node.at, reader.path()});
    out = *value;
  }
  json::object schema() const override { return or_varied(text_with_pattern(name_rule().pattern)); }

 private:
  Reference::To to_;
};

}  // namespace

ShapePtr<std::size_t> count(std::size_t least, std::size_t most) {
  return std::make_shared<CountShape>(least, most);
}
ShapePtr<bool> yes_or_no() { return std::make_shared<BoolShape>(); }
ShapePtr<std::size_t> word_index(std::vector<std::string> words) {
  return std::make_shared<WordShape>(std::move(words));
}
ShapePtr<std::string> reference_to(Reference::To to) { return std::make_shared<ReferenceShape>(to); }

}  // namespace pollux::config
