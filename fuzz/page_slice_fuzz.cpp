// SPDX-License-Identifier: Apache-2.0
// Pages come from foreign servers. Of a text that is JSON each slice is the value that a parser finds there;
// of any other, a piece of it or nothing.
#include <boost/json/parse.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/json_text.hpp"
#include "poll/fetch/json_slice.hpp"

namespace {

namespace json = boost::json;

const json::value* at(const json::value& value, const pollux::config::JsonPath& path) {
  const json::value* here = &value;
  for (const auto& part : path) {
    if (const auto* name = std::get_if<std::string>(&part)) {
      here = here->is_object() ? here->get_object().if_contains(*name) : nullptr;
    } else {
      here = here->is_array() ? here->get_array().if_contains(std::get<std::size_t>(part)) : nullptr;
    }
    if (here == nullptr) return nullptr;
  }
  return here;
}

void compare(std::string_view text, const json::value& whole, const pollux::config::JsonPath& path) {
  auto slice = pollux::fetch::slice_at(text, path);
  const json::value* value = at(whole, path);
  if (slice.has_value() != (value != nullptr)) std::abort();
  if (!slice) return;
  json::parse_options options;
  options.max_depth = pollux::kMaxDepth;
  boost::system::error_code error;
  if (json::parse(*slice, error, {}, options) != *value || error) std::abort();
  auto list = pollux::fetch::slice_list(*slice);
  if (list.has_value() != value->is_array()) std::abort();
  if (list && list->items != value->get_array().size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const pollux::config::JsonPath paths[] = {
      {}, {"a"}, {"a", "b"}, {"a", std::size_t(1)}, {std::size_t(0), "a"}};
  json::parse_options options;
  options.max_depth = pollux::kMaxDepth;
  boost::system::error_code error;
  json::value whole;
  const bool good = pollux::check_json(text).has_value();
  if (good) whole = json::parse(text, error, {}, options);
  for (const auto& path : paths) {
    auto slice = pollux::fetch::slice_at(text, path);
    if (slice && slice->size() > text.size()) std::abort();
    if (slice) pollux::fetch::slice_list(*slice);
    if (good && !error) compare(text, whole, path);
  }
  return 0;
}
