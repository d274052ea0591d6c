// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.hpp"

#include <curl/curl.h>

#include "base/ascii.hpp"

namespace pollux::net {

std::string_view find_header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (ascii_iequals(key, name)) return value;
  }
  return {};
}

void HttpRequest::set_header(std::string_view name, std::string value) {
  std::erase_if(headers, [&](const auto& header) { return ascii_iequals(header.first, name); });
  headers.emplace_back(name, std::move(value));
}

std::optional<Time> parse_http_date(const std::string& text) {
  std::time_t date = curl_getdate(text.c_str(), nullptr);
  constexpr std::time_t kYear9999 = 253'370'764'800;  // beyond it the milliseconds would overflow
  if (date == -1 || date > kYear9999) return std::nullopt;
  return Time(std::chrono::seconds(static_cast<long long>(date)));
}

std::string host_of(std::string_view url) {
  if (auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  return std::string(url);
}

std::string origin_of(std::string_view url) {
  const std::string scheme = ascii_lower(url.substr(0, url.find("://")));
  std::string host = ascii_lower(host_of(url));
  // Not a colon inside of an IPv6 address, which stands in brackets.
  const std::size_t bracket = host.find(']');
  if (host.find(':', bracket == std::string::npos ? 0 : bracket) == std::string::npos) host += ':';
  if (host.ends_with(':')) host += scheme == "https" ? "443" : "80";
  return scheme + "://" + host;
}

}  // namespace pollux::net
