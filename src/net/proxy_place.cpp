// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_place.hpp"

#include "base/ascii.hpp"
#include "net/http_client.hpp"

namespace pollux::net {

std::string place_of_proxy(std::string_view url) {
  std::string place = host_of(origin_of(url));
  const std::string written = ascii_lower(host_of(url));
  const bool socks = ascii_lower(url.substr(0, 5)) == "socks";
  return socks && written != place ? written + ":1080" : place;
}

}  // namespace pollux::net
