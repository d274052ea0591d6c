#pragma once
// SPDX-License-Identifier: Apache-2.0
// `proxy: env`: what HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY mean. There is no standard for them;
// where programs differ, the reading is taken that leads around the proxy less often (docs/fetch.md says
// which). Names are never looked up: that would be the DNS query that a proxy is there to avoid. Pure; any
// thread.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/upstream.hpp"

namespace pollux::config {

/// The variables by their names; lower-case ones win, as with curl.
struct ProxyVariables {
  std::string http;   // http_proxy or HTTP_PROXY, else all_proxy or ALL_PROXY; empty: none
  std::string https;  // https_proxy or HTTPS_PROXY, else the same
  std::string exceptions;
  std::vector<std::string> contradictions;  // names whose two spellings say different things
};
ProxyVariables proxy_variables(
    const std::function<std::optional<std::string>(const std::string& name)>& variable);

/// The exceptions one by one: they are parted by commas and white space.
std::vector<std::string> split_exceptions(std::string_view no_proxy);

/// Whether an exception can ever match: `10.0.0.0/40` and `*x` cannot.
bool can_match(std::string_view exception);

/// Whether the exception is for this address.
bool is_excepted(std::string_view exception, std::string_view url);

/// The proxy for an http or https address; nullopt: straight.
std::optional<Secret> proxy_for(const EnvironmentProxy& environment, std::string_view url);

}  // namespace pollux::config
