// SPDX-License-Identifier: Apache-2.0
// Pages and windows come from foreign servers. Of a text that is JSON each slice is the value that a parser
// finds there; of any other, a piece of it or nothing.
#include <boost/json/parse.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/json_slice.hpp"
#include "base/json_text.hpp"

namespace {

namespace json = boost::json;
using pollux::JsonPath;

json::value parsed(std::string_view text, boost::system::error_code& error) {
  json::parse_options options;
  options.max_depth = pollux::kMaxDepth;
  return json::parse(text, error, {}, options);
}

const json::value* at(const json::value& value, const JsonPath& place) {
  const json::value* here = &value;
  for (const auto& part : place) {
    if (const auto* name = std::get_if<std::string>(&part)) {
      here = here->is_object() ? here->get_object().if_contains(*name) : nullptr;
    } else {
      here = here->is_array() ? here->get_array().if_contains(std::get<std::size_t>(part)) : nullptr;
    }
    if (here == nullptr) return nullptr;
  }
  return here;
}

void expect(bool holds) {
  if (!holds) std::abort();
}

void compare(std::string_view text, const json::value& whole, const JsonPath& place) {
  auto slice = pollux::json_at(text, place);
  const json::value* value = at(whole, place);
  expect(slice.has_value() && slice->has_value() == (value != nullptr));
  if (value == nullptr) return;
  boost::system::error_code error;
  expect(parsed(**slice, error) == *value && !error);
  auto list = pollux::json_items(**slice);
  expect(list.has_value() == value->is_array());
  if (list) expect(list->size() == value->get_array().size());
  expect(pollux::json_unquote(**slice).has_value() == value->is_string());
}

// Whatever the text is: what is cut out lies inside of it, in its order.
void stay_inside(std::string_view text, const JsonPath& place) {
  auto slice = pollux::json_at(text, place);
  if (!slice || !*slice) return;
  const char* from = text.data();
  const char* end = text.data() + text.size();
  expect((*slice)->empty() || ((*slice)->data() >= from && (*slice)->data() + (*slice)->size() <= end));
  auto items = pollux::json_items(**slice);
  if (!items) return;
  for (std::string_view item : *items) {
    expect(!item.empty() && item.data() >= from && item.data() + item.size() <= end);
    from = item.data() + item.size();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const JsonPath places[] = {{}, {"a"}, {"a", "b"}, {"a", std::size_t(1)}, {std::size_t(0), "a"}};
  boost::system::error_code error;
  json::value whole;
  const bool good = pollux::check_json(text).has_value();
  if (good) whole = parsed(text, error);
  for (const JsonPath& place : places) {
    stay_inside(text, place);
    if (good && !error) compare(text, whole, place);
  }
  return 0;
}
