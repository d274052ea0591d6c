// SPDX-License-Identifier: Apache-2.0
#include "config/fetch_shape.hpp"

#include <algorithm>

#include "base/charset.hpp"
#include "config/object_shape.hpp"
#include "config/pages_shape.hpp"
#include "config/step_order.hpp"
#include "config/text_rule.hpp"
#include "config/text_shapes.hpp"
#include "config/value_shapes.hpp"

namespace pollux::config {
namespace {

namespace json = boost::json;
using Pairs = TemplatePairs;

ShapePtr<Pairs> pairs_of(std::string what, NameRule names) {
  return std::make_shared<MapShape<Template>>(std::move(what), std::move(names), template_shape());
}

// A body makes it a POST; an explicit GET beside one is a contradiction.
void check_method(Reader& reader, const Node& node, Step& step) {
  const Node::Entry* body = node.find("json") != nullptr ? node.find("json") : node.find("form");
  if (body == nullptr) return;
  const Node::Entry* method = node.find("method");
  if (method != nullptr && method->value->text == "GET") {
    return reader.fault(method->value->at, "`GET` with a body (`" + body->key + "`)", "POST, or no `method`");
  }
  step.method = Method::kPost;
}

json::object no_get_with_body() {
  json::object not_get{
      {"properties",
       json::object{
           {"method", json::object{{"not", json::object{{"enum", json::array{json::string("GET")}}}}}}}}};
  return {{"dependencies", json::object{{"json", not_get}, {"form", not_get}}}};
}

ShapePtr<std::string> charset_name() {
  auto parse = [](const std::string& text) -> Parsed<std::string> {
    if (!known_charset(text)) return std::unexpected("");
    return text;
  };
  return text_shape<std::string>(
      {"a character set such as utf-8, iso-8859-1 or windows-1252", "^[A-Za-z][A-Za-z0-9_-]+$", parse});
}

// What only some formats have.
void check_format(Reader& reader, const Node& node, Step& step) {
  const Node::Entry* delimiter = node.find("delimiter");
  if (delimiter != nullptr && step.expect != Format::kCsv) {
    reader.fault(delimiter->key_at, "`delimiter` without `expect: csv`", "`expect: csv` beside it");
  }
  if (node.find("expect") != nullptr) check_pages(reader, node, step);
}

json::object delimiter_of_csv() {
  json::object other{{"not", json::object{{"enum", json::array{"csv"}}}}};
  json::object absent_or_other{{"properties", json::object{{"expect", std::move(other)}}}};
  return {{"dependencies", json::object{{"delimiter", json::object{{"not", std::move(absent_or_other)}}}}}};
}

ShapePtr<Step> request_shape() {
  auto shape = std::make_shared<ObjectShape<Step>>("a request: a map with at least `from`");
  shape
      ->field("from", Need::kRequired, "The upstream that is asked.", reference_to(Reference::To::kUpstream),
              &Step::upstream)
      .field("path", Need::kOptional, "Joined to the upstream's url.", path_template_shape(), &Step::path)
      .field("method", Need::kOptional, "GET, or POST where there is a body.",
             word<Method>({{"GET", Method::kGet}, {"POST", Method::kPost}}), &Step::method)
      .field("query", Need::kOptional, "Parameters of the query.",
             pairs_of("a map of parameters", any_name_rule()), &Step::query)
      .field("headers", Need::kOptional, "Headers of this request.",
             pairs_of("a map of headers", header_name_rule()), &Step::headers)
      .field("json", Need::kOptional, "A body, sent as JSON.", body_shape(),
             [](Step& step, BodyNode body) { step.body = std::move(body); })
      .field("form", Need::kOptional, "A body, sent as a form.", pairs_of("a map of fields", any_name_rule()),
             [](Step& step, Pairs form) { step.body = std::move(form); })
      .field("safe", Need::kOptional,
             "A POST that may be sent twice, so that it is tried again after a failure. Default false.",
             yes_or_no(), &Step::safe)
      .field("expect", Need::kOptional,
             "What the answer must be. Default auto: by its content type, json where that says nothing.",
             word<Format>({{"auto", Format::kAuto},
                           {"json", Format::kJson},
                           {"jsonl", Format::kJsonLines},
                           {"csv", Format::kCsv},
                           {"text", Format::kText}}),
             &Step::expect)
      .field("charset", Need::kOptional, "Its character set. Default: as the answer says, or utf-8.",
             charset_name(), &Step::charset)
      .field("delimiter", Need::kOptional, "What separates the fields of CSV. Default a comma.",
             word<char>({{",", ','}, {";", ';'}, {"|", '|'}, {"tab", '\t'}}), &Step::delimiter)
      .field("conditional", Need::kOptional,
             "Asks only for what has changed, where the poll can do without an answer. Default true.",
             yes_or_no(), &Step::conditional)
      .field("paginate", Need::kOptional,
             "How to go on to the next page; the answer is one list of all items.", pages_shape(),
             &Step::pages)
      .only_without("form", "json")
      .rule(no_get_with_body(), check_method)
      .rule(delimiter_of_csv(), check_format);
  return shape;
}

class FetchShape final : public Shape<Fetch> {
 public:
  void read(Reader& reader, const Node& node, Fetch& out) const override {
    if (!node.is(Node::Kind::kMap))
      return reader.wrong_kind(node, "a request (a map with `from`), or a map of named steps");
    out.named = are_steps(node);
    if (out.named) return read_steps(reader, node, out.steps);
    reader.step_uses.clear();
    request_->read(reader, node, out.steps.emplace_back());
    for (const StepUse& use : reader.step_uses) {
      reader.fault_at(use.path, use.at, "`${step:" + use.step + "}` in a fetch without named steps",
                      "a fetch with named steps");
    }
  }

  json::object schema() const override {
    json::array any;
    any.emplace_back(request_->schema());
    any.emplace_back(json::object{{"type", "object"},
                                  {"minProperties", 1},
                                  {"propertyNames", json::object{{"pattern", names_.pattern}}},
                                  {"additionalProperties", request_->schema()}});
    return {{"anyOf", std::move(any)}};
  }

 private:
  // Named steps are maps with requests in them. What looks like neither is read as a request, whose missing
  // `from` says most.
  static bool are_steps(const Node& node) {
    const Node::Entry* from = node.find("from");
    if (from != nullptr && !from->value->is(Node::Kind::kMap)) return false;
    return std::ranges::any_of(node.entries, [](const Node::Entry& entry) {
      bool request_key = entry.key == "query" || entry.key == "headers" || entry.key == "json" ||
                         entry.key == "form" || entry.key == "paginate";
      return entry.value->is(Node::Kind::kMap) && (!request_key || entry.value->find("from") != nullptr);
    });
  }

  void read_steps(Reader& reader, const Node& node, std::vector<Step>& steps) const {
    std::vector<std::vector<StepUse>> uses;
    for (const Node::Entry& entry : node.entries) {
      Reader::Below below(reader, entry.key);
      if (!names_.good(entry.key)) reader.fault(entry.key_at, "a name that cannot be", names_.what);
      reader.step_uses.clear();
      Step& step = steps.emplace_back();
      request_->read(reader, *entry.value, step);
      step.name = entry.key;
      uses.push_back(std::exchange(reader.step_uses, {}));
    }
    order_steps(reader, steps, uses);
  }

  ShapePtr<Step> request_ = request_shape();
  NameRule names_ = step_name_rule();
};

}  // namespace

ShapePtr<Fetch> fetch_shape() { return std::make_shared<FetchShape>(); }

}  // namespace pollux::config
