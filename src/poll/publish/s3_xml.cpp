// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/s3_xml.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace pollux::publish {

std::string_view xml_element(std::string_view xml, std::string_view name) {
  const std::string open = "<" + std::string(name) + ">";
  const std::string close = "</" + std::string(name) + ">";
  auto from = xml.find(open);
  if (from == std::string_view::npos) return {};
  xml.remove_prefix(from + open.size());
  auto to = xml.find(close);
  return to == std::string_view::npos ? std::string_view() : xml.substr(0, to);
}

std::string xml_unescaped(std::string_view text) {
  static constexpr auto entities = std::to_array<std::pair<std::string_view, char>>(
      {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}});
  std::string out;
  while (!text.empty()) {
    auto entity = std::ranges::find_if(entities, [&](const auto& e) { return text.starts_with(e.first); });
    bool found = entity != entities.end();
    out += found ? entity->second : text.front();
    text.remove_prefix(found ? entity->first.size() : 1);
  }
  return out;
}

std::string xml_word(std::string_view xml, std::string_view name, std::size_t longest) {
  std::string text = xml_unescaped(xml_element(xml.substr(0, kSearchedXml), name));
  bool visible = std::ranges::all_of(text, [](char c) { return c > 0x20 && c <= 0x7E; });
  return visible && text.size() <= longest ? text : std::string();
}

}  // namespace pollux::publish
