// SPDX-License-Identifier: Apache-2.0
#include "net/request_target.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace pollux::net {
namespace {

std::string form_decoded(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decode(spaced).value_or(std::string(text));
}

/// "http://host/path?x" -> "/path?x". A server must take the absolute form as well (RFC 9112, 3.2.2).
std::string_view without_authority(std::string_view target) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    auto end = target.find_first_of("/?", scheme.size());
    return end == std::string_view::npos ? "/" : target.substr(end);
  }
  return target;
}

}  // namespace

QueryPairs parse_query(std::string_view text) {
  QueryPairs pairs;
  while (!text.empty()) {
    auto end = std::min(text.find('&'), text.size());
    std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    auto equals = pair.find('=');
    std::string_view value = equals == std::string_view::npos ? "" : pair.substr(equals + 1);
    pairs.emplace_back(form_decoded(pair.substr(0, equals)), form_decoded(value));
  }
  return pairs;
}

std::optional<RequestTarget> parse_target(std::string_view target) {
  if (target == "*") return RequestTarget{"*", {}};
  if (target.starts_with('?')) return std::nullopt;
  target = without_authority(target);
  auto visible = [](unsigned char c) { return c > 0x20 && c != 0x7f; };
  if (target.empty() || !std::all_of(target.begin(), target.end(), visible)) return std::nullopt;
  target = target.substr(0, target.find('#'));
  auto question = target.find('?');
  RequestTarget out;
  out.path = target.substr(0, question);
  if (out.path.empty()) out.path = "/";
  if (out.path.front() != '/') return std::nullopt;
  if (question != std::string_view::npos) out.query = parse_query(target.substr(question + 1));
  return out;
}

}  // namespace pollux::net
