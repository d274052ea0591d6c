// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/render.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "base/encoding.hpp"
#include "calendar/schedule_rule.hpp"

namespace pollux::fetch {
namespace {

namespace json = boost::json;
using config::BodyNode;
using config::Template;

std::string path_text(const Template::StepRef& ref) {
  std::string out = ref.step;
  for (const auto& part : ref.path) {
    if (const auto* key = std::get_if<std::string>(&part)) {
      out += "." + *key;
    } else {
      out += fmt::format("[{}]", std::get<std::size_t>(part));
    }
  }
  return out;
}

const json::value* descend(const json::value* value, const std::variant<std::string, std::size_t>& part) {
  if (const auto* key = std::get_if<std::string>(&part)) {
    return value->is_object() ? value->get_object().if_contains(*key) : nullptr;
  }
  std::size_t index = std::get<std::size_t>(part);
  return value->is_array() ? value->get_array().if_contains(index) : nullptr;
}

Result<const json::value*> look_up(const Template::StepRef& ref, const Scope& scope) {
  auto answer = scope.answers.find(ref.step);
  const json::value* value = answer == scope.answers.end() ? nullptr : &answer->second;
  for (const auto& part : ref.path) {
    if (value == nullptr) break;
    value = descend(value, part);
  }
  if (value != nullptr) return value;
  return fail(ErrorKind::kMalformed,
              fmt::format("the answer has no {}, which this step needs", path_text(ref)));
}

Result<std::string> as_text(const Template::StepRef& ref, const Scope& scope) {
  auto value = look_up(ref, scope);
  if (!value) return std::unexpected(value.error());
  switch ((*value)->kind()) {
    case json::kind::string:
      return std::string((*value)->get_string());
    case json::kind::bool_:
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return json::serialize(**value);
    default:
      return fail(ErrorKind::kMalformed, fmt::format("{} is a {}, where a text or number is needed",
                                                     path_text(ref), json::to_string((*value)->kind())));
  }
}

Result<std::string> part_as_text(const Template::Part& part, const Scope& scope, Escape escape) {
  if (const auto* literal = std::get_if<std::string>(&part)) return *literal;
  if (const auto* date = std::get_if<Template::DateRef>(&part)) {
    return calendar::local_date(scope.at, scope.zone, date->days);
  }
  auto text = as_text(std::get<Template::StepRef>(part), scope);
  if (!text || escape == Escape::kNone) return text;
  // One API's answer must not lead a request to another path of the next one.
  if (text->empty() || *text == "." || *text == "..") {
    return fail(ErrorKind::kMalformed, fmt::format("{} is `{}`, which no part of a path may be",
                                                   path_text(std::get<Template::StepRef>(part)), *text));
  }
  return percent_encode(*text);
}

Result<std::string> render_leaf(const Template& leaf, const Scope& scope) {
  if (leaf.parts.size() == 1) {
    if (const auto* ref = std::get_if<Template::StepRef>(&leaf.parts[0])) {
      auto value = look_up(*ref, scope);
      if (!value) return std::unexpected(value.error());
      return json::serialize(**value);
    }
  }
  auto text = render(leaf, scope, Escape::kNone);
  if (!text) return text;
  return json_quote(*text);
}

Result<std::string> render_list(const BodyNode::List& list, const Scope& scope) {
  std::string out = "[";
  for (const BodyNode& item : list) {
    auto text = render_json(item, scope);
    if (!text) return text;
    out += (out.size() > 1 ? "," : "") + *text;
  }
  return out + "]";
}

Result<std::string> render_object(const BodyNode::Object& object, const Scope& scope) {
  std::string out = "{";
  for (const auto& [key, item] : object) {
    auto text = render_json(item, scope);
    if (!text) return text;
    out += (out.size() > 1 ? "," : "") + json_quote(key) + ":" + *text;
  }
  return out + "}";
}

}  // namespace

Result<std::string> render(const Template& text, const Scope& scope, Escape escape) {
  std::string out;
  for (const auto& part : text.parts) {
    auto filled = part_as_text(part, scope, escape);
    if (!filled) return filled;
    out += *filled;
  }
  return out;
}

Result<std::string> render_pairs(const config::TemplatePairs& pairs, const Scope& scope) {
  std::string out;
  for (const auto& [name, value] : pairs) {
    auto text = render(value, scope, Escape::kNone);
    if (!text) return text;
    out += (out.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(*text);
  }
  return out;
}

Result<std::string> render_json(const BodyNode& body, const Scope& scope) {
  if (const auto* raw = std::get_if<BodyNode::Raw>(&body.value)) return raw->json;
  if (const auto* leaf = std::get_if<Template>(&body.value)) return render_leaf(*leaf, scope);
  if (const auto* list = std::get_if<BodyNode::List>(&body.value)) return render_list(*list, scope);
  return render_object(std::get<BodyNode::Object>(body.value), scope);
}

}  // namespace pollux::fetch
