// SPDX-License-Identifier: Apache-2.0
#include "console/negotiate.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace pollux::console {
namespace {

/// The next item of a list with commas, taken off its front.
std::string_view next_item(std::string_view& list) {
  auto end = std::min(list.find(','), list.size());
  auto item = ascii_trimmed(list.substr(0, end));
  list.remove_prefix(std::min(end + 1, list.size()));
  return item;
}

/// A weight (RFC 9110, 12.4.2) in thousandths: "0.5" is 500. -1 for what is none.
int weight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return -1;
  if (text.size() > 1 && text[1] != '.') return -1;
  int value = text[0] == '1' ? 1000 : 0;
  for (std::size_t i = 2, unit = 100; i < text.size(); ++i, unit /= 10) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value += static_cast<int>(unit) * (text[i] - '0');
  }
  return value <= 1000 ? value : -1;
}

int quality(std::string_view item) {
  auto semicolon = item.find(';');
  if (semicolon == std::string_view::npos) return 1000;
  std::string parameter = ascii_lower(ascii_trimmed(item.substr(semicolon + 1)));
  if (!parameter.starts_with("q=")) return -1;
  return weight(std::string_view(parameter).substr(2));
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  int gzip = -1;
  int any = -1;
  int identity = -1;
  while (!accept_encoding.empty()) {
    std::string_view item = next_item(accept_encoding);
    std::string coding = ascii_lower(ascii_trimmed(item.substr(0, item.find(';'))));
    if (coding == "gzip" || coding == "x-gzip") gzip = quality(item);
    if (coding == "*") any = quality(item);
    if (coding == "identity") identity = quality(item);
  }
  if (gzip < 0) gzip = any;
  return gzip > 0 && gzip >= identity;
}

bool matches_etag(std::string_view if_none_match, std::string_view etag) {
  if (ascii_trimmed(if_none_match) == "*") return true;
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  // Our own tags hold no comma, so an item that was cut at a foreign tag's comma can never be equal to one.
  while (!if_none_match.empty()) {
    std::string_view item = next_item(if_none_match);
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == etag) return true;
  }
  return false;
}

std::optional<std::string> allowed_origin(const std::vector<std::string>& allowed, std::string_view origin) {
  bool any = allowed.empty() || std::find(allowed.begin(), allowed.end(), "*") != allowed.end();
  if (any) return "*";
  if (origin.empty()) return std::nullopt;
  if (std::find(allowed.begin(), allowed.end(), origin) == allowed.end()) return std::nullopt;
  return std::string(origin);
}

}  // namespace pollux::console
