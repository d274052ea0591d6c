#pragma once
// SPDX-License-Identifier: Apache-2.0
// Debian's nginx on a free loopback port, from a folder of its own, killed by pid at the end. What stands in
// its server block is the test's; its access log tells what really came: protocol, client, connection.
// Blocking; one thread.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/authority.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::test {

class Nginx {
 public:
  /// One request as nginx saw it.
  struct Seen {
    std::string protocol;    // "HTTP/2.0"
    std::string tls;         // "TLSv1.3"; "-" without
    std::string client;      // the subject of its certificate: "CN=one"; "-" without
    std::string connection;  // the number of its connection
    std::string status;
    std::string uri;
  };
  struct Options {
    std::string listen = "ssl http2";  // after the port
    std::string in_server;             // directives of the server block; files by their plain names
    Identity server;                   // its certificate; empty: no TLS
    std::map<std::string, std::string> files;
  };

  /// Throws with nginx's own words when it does not start.
  explicit Nginx(Options options);

  std::uint16_t port() const { return port_; }
  /// "127.0.0.1:PORT"
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// Waits for at least `least` requests in the log: nginx writes a line when a request is over.
  std::vector<Seen> seen(std::size_t least = 1) const;

 private:
  void write_files(const Options& options) const;

  TempDir dir_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace pollux::test
