#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the proxy says of each thing that it was asked: a line in the log and a count, always both. Nothing of
// a request's headers is ever said. Owned by the proxy; io thread.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/units.hpp"
#include "egress/policy/policy.hpp"
#include "egress/proxy/metrics.hpp"
#include "log/logger.hpp"

namespace pollux::egress {

/// What a decision's line says besides.
struct Asked {
  std::string method;  // CONNECT or a plain request's
  std::string from;    // the address of who asks
};

/// What somebody sent as a target, as a log may have it: printable, cut, without user and password, and of
/// path and query no more than that they are there.
std::string fit_for_log(std::string_view target);

class AccessLog {
 public:
  explicit AccessLog(log::Logger& logger) : logger_(logger) {}

  /// `host` as it was asked for.
  void decided(const Decision& decision, const Asked& asked, const std::string& host);
  /// It was allowed, and yet nobody was reached, or gave no good answer. kBusy: nobody was asked for it,
  /// since the client has too much under way.
  void unreached(const std::string& client, const std::string& host, const Error& error);
  /// It came to no decision.
  void refused(int status, const std::string& reason, const std::string& from);
  /// Nobody's credentials, or none: the first request of many a client comes without and is no fault.
  void unknown(bool shown, const std::string& from);
  void full(const std::string& client, std::size_t connections);
  /// Before a plain request's answer had ended. That is nobody's fault, and only said.
  void left(const std::string& client, const std::string& host, const std::string& from);
  void tunnel_began(const std::string& client) { metrics_.tunnel_began(client); }
  void tunnel_ended(const std::string& client, const std::string& host, const Relayed& relayed, Millis took);

  /// Clients that did not get as far as a request.
  void no_tls(const std::string& from, const std::string& reason);
  void no_proxy_header(const std::string& from, const std::string& reason);

  const Metrics& metrics() const { return metrics_; }

 private:
  log::Logger& logger_;
  Metrics metrics_;
};

}  // namespace pollux::egress
