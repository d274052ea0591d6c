// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/object_path.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace pollux::publish {
namespace {

constexpr std::size_t kLongest = 1024;

/// Bytes of the UTF-8 sequence at the front (RFC 3629, 4); 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0U; };
  auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  if (byte(0) < 0x80) return 1;
  if (byte(0) >= 0xC2 && byte(0) <= 0xDF) return follows(1) ? 2 : 0;
  if ((byte(0) & 0xF0U) == 0xE0) {
    bool overlong = byte(0) == 0xE0 && byte(1) < 0xA0;
    bool surrogate = byte(0) == 0xED && byte(1) > 0x9F;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (byte(0) >= 0xF0 && byte(0) <= 0xF4) {
    bool overlong = byte(0) == 0xF0 && byte(1) < 0x90;
    bool beyond = byte(0) == 0xF4 && byte(1) > 0x8F;
    return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

bool utf8(std::string_view text) {
  while (!text.empty()) {
    auto length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace

std::optional<std::string> object_path_fault(std::string_view path) {
  if (path.empty()) return "is empty";
  if (path.size() > kLongest) return "is longer than 1,024 bytes";
  if (path.front() == '/') return "begins with /; it is relative to the store";
  for (char c : path) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return "has a control character in it";
  }
  if (!utf8(path)) return "is not UTF-8";
  for (std::string_view rest = path;;) {
    auto part = rest.substr(0, rest.find('/'));
    if (part.empty()) return "has an empty part (// or / at its end)";
    if (part == "." || part == "..") return "has a part . or .., and could leave the store";
    if (part.size() == rest.size()) return std::nullopt;
    rest.remove_prefix(part.size() + 1);
  }
}

std::string_view content_type_of(std::string_view path) {
  static constexpr auto types = std::to_array<std::pair<std::string_view, std::string_view>>({
      {".json", "application/json"},
      {".geojson", "application/geo+json"},
      {".csv", "text/csv; charset=utf-8"},
      {".txt", "text/plain; charset=utf-8"},
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".xml", "application/xml"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
  });
  for (const auto& [ending, type] : types) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

}  // namespace pollux::publish
