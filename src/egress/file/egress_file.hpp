#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the operator says of the egress proxy: egress.yaml, or today's environment variables in its place. All
// faults at once, each with its line. The only inputs are texts and an Environment; any thread.
//
//   tls: { certificate: proxy.pem, key: proxy.key, client_ca: ca.pem, client_certificates: optional }
//   proxy_protocol: [10.0.0.0/8]  # load balancers that say for whom they speak
//   clients:
//     poller: { certificate: CN=poller, allow: [...] }  # by its certificate; with user and password: by both

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "egress/file/poller_needs.hpp"
#include "egress/proxy/clients.hpp"
#include "egress/proxy/options.hpp"
#include "egress/proxy/tls_context.hpp"

namespace pollux::egress {

struct EgressFile {
  config::Listen listen{"127.0.0.1", 3128};
  config::Log log;
  ProxyOptions options;
  std::optional<config::Listen> metrics;  // where they are served
  std::optional<TlsFiles> tls;            // nullopt: clients come in the clear
  std::vector<ProxyClient> clients;
  std::vector<Secret> secrets;
};

using EgressFaults = std::vector<config::Fault>;

struct LoadedEgress {
  EgressFile file;
  std::vector<config::Fault> warnings;
  EgressFaults certificate_faults;  // why the files of `tls` cannot be used; all else is good without them
};

/// Reads and checks egress.yaml, and the lists, pollers' files and certificates that it names. Among the
/// faults are those of the certificate, so that all are told at once.
std::expected<LoadedEgress, EgressFaults> load_egress(const std::filesystem::path& path,
                                                      const config::Environment& environment,
                                                      const PollerFile& poller);

/// What the proxy before this one was told by its environment: PROXY_ALLOW, PROXY_DENY (rules with spaces,
/// line ends or commas between them), PROXY_PORTS (default 443), PROXY_USERNAME, PROXY_PASSWORD, PORT
/// (default 8080), and PROXY_TLS_CERT with PROXY_TLS_KEY, paths of a certificate and its key, where no router
/// in front of it ends TLS. One client, on all addresses; without credentials only if PROXY_ANYBODY is
/// "true".
std::expected<LoadedEgress, EgressFaults> egress_of(const config::Environment& environment);

/// The JSON Schema (draft 7) of egress.yaml.
std::string egress_schema();

}  // namespace pollux::egress
