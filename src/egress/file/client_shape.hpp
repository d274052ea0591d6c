#pragma once
// SPDX-License-Identifier: Apache-2.0
// The shape of one client in egress.yaml.

#include <string>
#include <vector>

#include "config/shape.hpp"
#include "egress/file/poller_needs.hpp"
#include "egress/file/rule_shapes.hpp"
#include "egress/proxy/clients.hpp"

namespace pollux::egress {

/// As it is written, before its files are one list.
struct ClientDraft {
  std::string user;
  Secret password;
  std::string certificate;
  std::vector<Rule> allow;
  std::vector<Rule> deny;
  std::vector<RuleFile> allow_files;
  std::vector<RuleFile> deny_files;
  PollerNeeds poller;  // of `for`
  PortSet ports = PortSet::of_the_web();
  Mode mode = Mode::kEnforce;
  SniCheck sni = SniCheck::kAny;
  PortSet sni_ports = PortSet::of_https();
  std::size_t connections = 1000;
  Bytes tunnel_bytes{0};
};

config::ShapePtr<ClientDraft> client_shape(const PollerFile& poller);

/// `methods` are each client's; what its poller's file needs is added.
ProxyClient client_of(std::string name, ClientDraft draft,
                      const std::vector<boost::beast::http::verb>& methods);

}  // namespace pollux::egress
