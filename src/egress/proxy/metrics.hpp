#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the proxy counts, for Prometheus (prometheus.io/docs/practices/naming): decisions, tunnels and bytes
// by client. Labels are names from the operator's file and words of our own, so that no request can make
// another series. Owned by the proxy; io thread.

#include <cstdint>
#include <memory>
#include <string>

#include "egress/policy/policy.hpp"
#include "egress/tunnel/relay.hpp"

namespace pollux::egress {

class Metrics {
 public:
  Metrics();
  ~Metrics();

  /// `client` is empty in a decision on nobody's behalf.
  void decided(const Decision& decision);
  /// A request that came to no decision: malformed, without credentials, one too many. By status.
  void refused(int status);
  /// It passed, and yet nobody was reached, or gave no good answer. `how`: "network" or "timeout".
  void unreached(const std::string& client, const std::string& how);
  void tunnel_began(const std::string& client);
  void tunnel_ended(const std::string& client, const Relayed& relayed);

  /// In the text exposition format, version 0.0.4.
  std::string text(std::size_t connections) const;

 private:
  struct Series;
  std::unique_ptr<Series> series_;
};

}  // namespace pollux::egress
