// SPDX-License-Identifier: Apache-2.0
#include "app/proxy_address.hpp"

#include <algorithm>
#include <string_view>

#include "base/ascii.hpp"
#include "base/encoding.hpp"
#include "net/proxy_place.hpp"

namespace pollux::app {

ProxyAddress proxy_address(const Secret& url) {
  ProxyAddress out;
  const std::string& text = url.reveal();
  const auto end = text.find("://");
  out.scheme = ascii_lower(text.substr(0, end));
  out.place = net::place_of_proxy(text);
  const std::string_view rest = std::string_view(text).substr(end + 3);
  const auto at = rest.rfind('@');
  if (at == rest.npos) return out;
  const std::string_view user = rest.substr(0, at);
  const auto colon = std::min(user.find(':'), user.size());
  auto decoded = [](std::string_view part) { return percent_decode(part).value_or(std::string(part)); };
  out.user = decoded(user.substr(0, colon));
  out.password = Secret(decoded(user.substr(std::min(colon + 1, user.size()))));
  return out;
}

}  // namespace pollux::app
