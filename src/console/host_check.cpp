// SPDX-License-Identifier: Apache-2.0
#include "console/host_check.hpp"

#include <string>

#include "base/ascii.hpp"

namespace pollux::console {
namespace {

bool all_of(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

/// The host without its port, in lower case, without brackets; "" when it is malformed.
std::string host_part(std::string_view header) {
  std::string_view host = header;
  std::string_view port;
  if (host.starts_with('[')) {
    auto end = host.find(']');
    if (end == std::string_view::npos) return "";
    port = host.substr(end + 1);
    host = host.substr(1, end - 1);
  } else {
    auto colon = host.find(':');
    port = colon == std::string_view::npos ? "" : host.substr(colon);
    host = host.substr(0, colon);
  }
  bool port_ok = port.empty() || (port.front() == ':' && all_of(port.substr(1), "0123456789"));
  if (!port_ok) return "";
  return ascii_lower(host);
}

bool is_address(std::string_view host) {
  bool v4 = all_of(host, "0123456789.");
  bool v6 = all_of(host, "0123456789abcdef:.") && host.find(':') != std::string_view::npos;
  return v4 || v6;
}

}  // namespace

bool is_own_host(std::string_view host_header, std::string_view listen_host) {
  std::string host = host_part(host_header);
  if (host.empty()) return false;
  if (host == "localhost" || host == "127.0.0.1" || host == "::1") return true;
  bool everywhere = listen_host == "0.0.0.0" || listen_host == "::" || listen_host == "[::]";
  if (everywhere) return is_address(host);
  std::string own(listen_host);
  if (own.starts_with('[') && own.ends_with(']')) own = own.substr(1, own.size() - 2);
  return ascii_iequals(host, own);
}

}  // namespace pollux::console
