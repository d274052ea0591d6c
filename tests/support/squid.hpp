#pragma once
// SPDX-License-Identifier: Apache-2.0
// Debian's Squid (squid-openssl) as an egress proxy on free loopback ports: plain HTTP and, with a
// certificate, TLS; with basic authentication, a list of hosts that it denies, and names that only it knows.
// From a folder of its own, killed by pid at the end. Blocking; one thread.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/authority.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::test {

class Squid {
 public:
  struct Options {
    std::string user;  // empty: everybody may
    std::string password;
    Identity server;                  // for the TLS port; empty: none
    std::vector<std::string> denied;  // domains, as `acl dstdomain` takes them
    std::vector<std::string> names;   // that stand for 127.0.0.1
  };

  /// Throws with Squid's own words when it does not start.
  explicit Squid(const Options& options);

  std::uint16_t port() const { return port_; }
  std::uint16_t tls_port() const { return tls_port_; }
  /// Its access log: "TCP_TUNNEL/200 CONNECT api.invalid:443 poller", one request a line. Waits for `least`
  /// lines.
  std::vector<std::string> seen(std::size_t least = 1) const;

 private:
  std::string config(const Options& options) const;

  TempDir dir_;
  std::uint16_t port_ = 0;
  std::uint16_t tls_port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace pollux::test
