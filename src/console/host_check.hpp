#pragma once
// SPDX-License-Identifier: Apache-2.0
// Against DNS rebinding: a page of a foreign site can make its own name point at 127.0.0.1 and read the
// console through its visitor's browser, but the Host header then still says that site's name. Pure function.

#include <string_view>

namespace pollux::console {

/// Whether a Host header names this machine: localhost, 127.0.0.1, [::1] or the host that the server listens
/// on, each with any port. A server that listens on every address also answers to any IP address: rebinding
/// needs a name.
bool is_own_host(std::string_view host_header, std::string_view listen_host);

}  // namespace pollux::console
