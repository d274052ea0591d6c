#pragma once
// SPDX-License-Identifier: Apache-2.0
// A proxy's address in its parts, for who tells of it. Pure; any thread.

#include <string>

#include "base/secret.hpp"

namespace pollux::app {

struct ProxyAddress {
  std::string scheme;  // "http", "https", "socks5h"
  std::string place;   // "egress.internal:3128", always with a port
  std::string user;    // empty: it is told nobody
  Secret password;

  bool is_socks() const { return scheme.starts_with("socks"); }
};

/// `url` is one that load() has taken.
ProxyAddress proxy_address(const Secret& url);

}  // namespace pollux::app
