// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/pages/page_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include "base/encoding.hpp"
#include "net/http_client.hpp"

namespace pollux::fetch {
namespace {

namespace urls = boost::urls;

std::string decoded_name(std::string_view pair) {
  std::string name(pair.substr(0, pair.find('=')));
  std::ranges::replace(name, '+', ' ');
  return percent_decode(name).value_or(name);
}

}  // namespace

Result<std::string> next_address(std::string_view current, std::string_view next) {
  auto no_address = [] {
    return fail(ErrorKind::kMalformed, "what stands there for the next page is no address");
  };
  auto base = urls::parse_uri(current);
  auto reference = urls::parse_uri_reference(next);
  if (!base || !reference || next.empty()) return no_address();
  urls::url resolved;
  if (!urls::resolve(*base, *reference, resolved) || !resolved.has_authority()) return no_address();
  const std::string from = net::origin_of(current);
  const std::string to = net::origin_of(resolved.buffer());
  if (from != to) {
    return fail(
        ErrorKind::kRedirect,
        fmt::format("the next page is said to be at {}, not at {}: credentials do not go there", to, from));
  }
  if (resolved.has_userinfo()) return no_address();
  resolved.remove_fragment();
  return std::string(resolved.buffer());
}

std::string without_parameter(std::string_view url, std::string_view name) {
  const std::size_t mark = std::min(url.find('?'), url.size());
  std::string out(url.substr(0, mark));
  char before = '?';
  for (std::string_view rest = url.substr(std::min(mark + 1, url.size())); !rest.empty();) {
    std::size_t end = std::min(rest.find('&'), rest.size());
    std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (pair.empty() || decoded_name(pair) == name) continue;
    out += std::exchange(before, '&');
    out += pair;
  }
  return out;
}

std::string with_parameter(std::string_view url, std::string_view name, std::string_view value) {
  std::string out = without_parameter(url, name);
  out += out.find('?') == std::string::npos ? '?' : '&';
  return out + percent_encode(name) + "=" + percent_encode(value);
}

}  // namespace pollux::fetch
