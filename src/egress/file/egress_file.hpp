#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the operator says of the egress proxy: egress.yaml, or today's environment variables in its place. All
// faults at once, each with its line. The only inputs are texts and an Environment; any thread.

#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "egress/file/poller_needs.hpp"
#include "egress/proxy/clients.hpp"
#include "egress/proxy/options.hpp"

namespace pollux::egress {

struct EgressFile {
  config::Listen listen{"127.0.0.1", 3128};
  config::Log log;
  ProxyOptions options;
  std::vector<ProxyClient> clients;
  std::vector<std::filesystem::path> lists;  // files that the clients' lists are read from
  std::vector<Secret> secrets;
};

struct LoadedEgress {
  EgressFile file;
  std::vector<config::Fault> warnings;
};

using EgressFaults = std::vector<config::Fault>;

/// Reads and checks egress.yaml, and the lists and pollers' files that it names.
std::expected<LoadedEgress, EgressFaults> load_egress(const std::filesystem::path& path,
                                                      const config::Environment& environment,
                                                      const PollerFile& poller);

/// What the proxy before this one was told by its environment: PROXY_ALLOW, PROXY_DENY (rules with spaces,
/// line ends or commas between them), PROXY_PORTS (default 443), PROXY_USERNAME, PROXY_PASSWORD, PORT
/// (default 8080). One client, on all addresses.
std::expected<LoadedEgress, EgressFaults> egress_of(const config::Environment& environment);

/// The JSON Schema (draft 7) of egress.yaml.
std::string egress_schema();

}  // namespace pollux::egress
