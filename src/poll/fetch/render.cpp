// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/render.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "base/encoding.hpp"
#include "base/json_slice.hpp"
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

std::string path_text(const Template::CursorRef& ref) {
  return ref.path.empty() ? "the cursor" : "the cursor's " + describe(ref.path);
}

// The cursor, or what is below it, as JSON; "null" before there is one.
Result<std::string_view> look_up(const Template::CursorRef& ref, const Scope& scope) {
  if (scope.cursor.empty() || scope.cursor == "null") return "null";
  auto found = json_at(scope.cursor, ref.path);
  if (!found) return std::unexpected(found.error());
  if (*found) return **found;
  return fail(ErrorKind::kMalformed,
              fmt::format("the cursor has no {}, which this step needs", describe(ref.path)));
}

Result<std::string> as_text(const Template::CursorRef& ref, const Scope& scope) {
  auto json = look_up(ref, scope);
  if (!json) return std::unexpected(json.error());
  if (auto text = json_unquote(*json)) return *text;
  if (*json == "null") {
    return fail(
        ErrorKind::kMalformed,
        fmt::format("{} is null here; give it a `start`, which the first run begins with", path_text(ref)));
  }
  if (json->starts_with('{') || json->starts_with('[')) {
    return fail(ErrorKind::kMalformed,
                fmt::format("{} is {}, where a text or number is needed", path_text(ref),
                            json->starts_with('{') ? "an object" : "a list"));
  }
  return std::string(*json);
}

Result<std::string> part_as_text(const Template::Part& part, const Scope& scope, Escape escape) {
  if (const auto* literal = std::get_if<std::string>(&part)) return *literal;
  if (const auto* date = std::get_if<Template::DateRef>(&part)) {
    return calendar::local_date(scope.at, scope.zone, date->days);
  }
  const auto* step = std::get_if<Template::StepRef>(&part);
  auto text = step != nullptr ? as_text(*step, scope) : as_text(std::get<Template::CursorRef>(part), scope);
  if (!text || escape == Escape::kNone) return text;
  // One API's answer must not lead a request to another path of the next one.
  if (text->empty() || *text == "." || *text == "..") {
    std::string name = step != nullptr ? path_text(*step) : path_text(std::get<Template::CursorRef>(part));
    return fail(ErrorKind::kMalformed,
                fmt::format("{} is `{}`, which no part of a path may be", name, *text));
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
    if (const auto* cursor = std::get_if<Template::CursorRef>(&leaf.parts[0])) {
      auto value = look_up(*cursor, scope);
      if (!value) return std::unexpected(value.error());
      return std::string(*value);
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

bool is_left_out(const Template& text, const Scope& scope) {
  if (text.parts.size() != 1) return false;
  const auto* cursor = std::get_if<Template::CursorRef>(&text.parts[0]);
  if (cursor == nullptr) return false;
  auto value = look_up(*cursor, scope);
  return value && *value == "null";
}

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
    if (is_left_out(value, scope)) continue;
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
