// SPDX-License-Identifier: Apache-2.0
#include "base/json_slice.hpp"

#include <simdjson.h>

#include "base/ascii.hpp"

namespace pollux {
namespace {

namespace od = simdjson::ondemand;

std::unexpected<Error> not_json(simdjson::error_code code) {
  return fail(ErrorKind::kMalformed, std::string("not JSON: ") + simdjson::error_message(code));
}

// The bytes of a value, walked over as far as finding its end needs.
simdjson::error_code raw_of(od::value& value, std::string_view& out) {
  od::json_type type{};
  if (auto code = value.type().get(type)) return code;
  if (type == od::json_type::object) {
    od::object object;
    if (auto code = value.get_object().get(object)) return code;
    if (auto code = object.raw_json().get(out)) return code;
  } else if (type == od::json_type::array) {
    od::array array;
    if (auto code = value.get_array().get(array)) return code;
    if (auto code = array.raw_json().get(out)) return code;
  } else {
    out = value.raw_json_token();
  }
  out = ascii_trimmed(out);  // tokens and containers come with the blanks behind them
  return out.empty() ? simdjson::TAPE_ERROR : simdjson::SUCCESS;
}

using Found = std::optional<std::string_view>;

simdjson::error_code member_of(od::document& document, const std::string& key, Found& out) {
  od::object object;
  auto code = document.get_object().get(object);
  if (code == simdjson::INCORRECT_TYPE) return simdjson::SUCCESS;
  if (code) return code;
  for (auto next : object) {
    od::field field;
    std::string_view name;
    if ((code = std::move(next).get(field))) return code;
    if ((code = field.unescaped_key().get(name))) return code;
    if (name != key) continue;
    std::string_view raw;
    if ((code = raw_of(field.value(), raw))) return code;
    out = raw;
  }
  return simdjson::SUCCESS;
}

// Until `take` says that it has enough.
template <class Take>
simdjson::error_code walk_items(od::document& document, Take&& take) {
  od::array array;
  auto code = document.get_array().get(array);
  if (code) return code;
  for (auto next : array) {
    od::value item;
    std::string_view raw;
    if ((code = std::move(next).get(item))) return code;
    if ((code = raw_of(item, raw))) return code;
    if (!take(raw)) break;
  }
  return simdjson::SUCCESS;
}

simdjson::error_code item_of(od::document& document, std::size_t index, Found& out) {
  auto code = walk_items(document, [&](std::string_view raw) {
    if (index-- > 0) return true;
    out = raw;
    return false;
  });
  return code == simdjson::INCORRECT_TYPE ? simdjson::SUCCESS : code;
}

// simdjson reads some bytes beyond the end, so it works on a copy that has them; a value inside of that copy
// has them too.
class Copy {
 public:
  explicit Copy(std::string_view json) : original_(json), bytes_(json) {}

  /// A piece of the original as simdjson wants it.
  simdjson::padded_string_view padded(std::string_view piece) const {
    auto offset = static_cast<std::size_t>(piece.data() - original_.data());
    std::size_t room = bytes_.size() - offset + simdjson::SIMDJSON_PADDING;
    return simdjson::padded_string_view(bytes_.data() + offset, piece.size(), room);
  }
  std::string_view in_original(std::string_view found) const {
    return original_.substr(static_cast<std::size_t>(found.data() - bytes_.data()), found.size());
  }

 private:
  std::string_view original_;
  simdjson::padded_string bytes_;
};

}  // namespace

std::string describe(const JsonPath& place) {
  std::string out;
  for (const auto& part : place) {
    if (const auto* key = std::get_if<std::string>(&part)) {
      out.append(".").append(*key);
    } else {
      out.append(out.empty() ? ".[" : "[").append(std::to_string(std::get<std::size_t>(part))).append("]");
    }
  }
  return out.empty() ? "." : out;
}

Result<Found> json_at(std::string_view json, const JsonPath& place) {
  json = ascii_trimmed(json);
  if (place.empty()) return json;
  Copy copy(json);
  std::string_view here = json;
  // One parse for each step downward: only so does the last of two members with one name count.
  for (const auto& part : place) {
    od::parser parser;
    od::document document;
    Found found;
    if (auto code = parser.iterate(copy.padded(here)).get(document)) return not_json(code);
    const auto* key = std::get_if<std::string>(&part);
    auto code = key != nullptr ? member_of(document, *key, found)
                               : item_of(document, std::get<std::size_t>(part), found);
    if (code) return not_json(code);
    if (!found) return Found{};
    here = copy.in_original(*found);
  }
  return here;
}

Result<void> each_json_item(std::string_view json, const std::function<void(std::string_view)>& take) {
  json = ascii_trimmed(json);
  Copy copy(json);
  od::parser parser;
  od::document document;
  if (auto code = parser.iterate(copy.padded(json)).get(document)) return not_json(code);
  auto code = walk_items(document, [&](std::string_view raw) {
    take(copy.in_original(raw));
    return true;
  });
  if (code == simdjson::INCORRECT_TYPE) return fail(ErrorKind::kMalformed, "not a list");
  if (code) return not_json(code);
  return {};
}

Result<std::vector<std::string_view>> json_items(std::string_view json) {
  std::vector<std::string_view> items;
  auto walked = each_json_item(json, [&](std::string_view item) { items.push_back(item); });
  if (!walked) return std::unexpected(walked.error());
  return items;
}

std::optional<std::string> json_unquote(std::string_view json) {
  json = ascii_trimmed(json);
  if (!json.starts_with('"')) return std::nullopt;
  Copy copy(json);
  od::parser parser;
  od::document document;
  std::string_view text;
  if (parser.iterate(copy.padded(json)).get(document)) return std::nullopt;
  if (document.get_string().get(text)) return std::nullopt;
  return std::string(text);
}

}  // namespace pollux
