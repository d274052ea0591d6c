// SPDX-License-Identifier: Apache-2.0
#include "console/public_path.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"

namespace pollux::console {
namespace {

/// How many bytes follow the first one of a sequence, and the range of the second (RFC 3629, 4); -1: no first
/// byte.
struct Lead {
  int more = -1;
  unsigned char second_from = 0x80;
  unsigned char second_to = 0xbf;
};

Lead lead_of(unsigned char c) {
  if (c < 0x80) return {0};
  if (c >= 0xc2 && c <= 0xdf) return {1};
  if (c == 0xe0) return {2, 0xa0};
  if (c == 0xed) return {2, 0x80, 0x9f};  // no surrogates
  if (c >= 0xe1 && c <= 0xef) return {2};
  if (c == 0xf0) return {3, 0x90};
  if (c >= 0xf1 && c <= 0xf3) return {3};
  if (c == 0xf4) return {3, 0x80, 0x8f};
  return {};
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    Lead lead = lead_of(static_cast<unsigned char>(text[i++]));
    if (lead.more < 0) return false;
    for (int k = 0; k < lead.more; ++k, ++i) {
      if (i == text.size()) return false;
      auto c = static_cast<unsigned char>(text[i]);
      if (k == 0 ? c < lead.second_from || c > lead.second_to : c < 0x80 || c > 0xbf) return false;
    }
  }
  return true;
}

bool is_plain(std::string_view part) {
  if (part.empty() || part.front() == '.') return false;
  auto bad = [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '/' || c == '\\'; };
  return std::none_of(part.begin(), part.end(), bad) && is_utf8(part);
}

}  // namespace

std::optional<std::vector<std::string>> path_parts(std::string_view path) {
  if (!path.starts_with('/')) return std::nullopt;
  std::vector<std::string> parts;
  while (!path.empty()) {
    path.remove_prefix(1);
    auto end = std::min(path.find('/'), path.size());
    auto part = percent_decode(path.substr(0, end));
    if (!part || !is_plain(*part)) return std::nullopt;
    parts.push_back(std::move(*part));
    path.remove_prefix(end);
  }
  return parts;
}

std::optional<PublicPath> public_path(std::string_view path, const std::vector<std::string>& stores) {
  auto parts = path_parts(path);
  if (!parts || parts->front() != "public" || stores.empty()) return std::nullopt;
  std::size_t first = 1;
  std::string store = stores.front();
  if (stores.size() > 1) {
    if (parts->size() < 2) return std::nullopt;
    auto found = std::find(stores.begin(), stores.end(), (*parts)[first++]);
    if (found == stores.end()) return std::nullopt;
    store = *found;
  }
  std::string object;
  for (std::size_t i = first; i < parts->size(); ++i) {
    if (!object.empty()) object += '/';
    object += (*parts)[i];
  }
  if (object.empty()) return std::nullopt;
  return PublicPath{std::move(store), std::move(object)};
}

}  // namespace pollux::console
