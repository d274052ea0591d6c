#pragma once
// SPDX-License-Identifier: Apache-2.0
// A name server (RFC 1035) on a loopback address, over UDP and TCP on one port, that answers what it is told:
// addresses, an alias, no such name, a failure, nothing at all, or so much that UDP does not hold it. On an
// io_context of the caller's; must not outlive it.

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/task.hpp"

namespace pollux::test {

class NameServer {
 public:
  enum class Says { kAddresses, kNoSuchName, kServerFailure, kNothing };
  struct Name {
    std::vector<std::string> addresses = {};  // of both families
    Says says = Says::kAddresses;
    std::string alias = {};        // what the name is an alias of, which then has the addresses
    bool truncated = false;        // over UDP
    bool silent_for_ipv6 = false;  // as some load balancers are
  };

  /// Port 0 takes any that is free for UDP and TCP.
  explicit NameServer(asio::io_context& io, const std::string& address = "127.0.0.1", std::uint16_t port = 0);
  ~NameServer();
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  std::uint16_t port() const;

  /// There is no other name.
  std::map<std::string, Name> names;
  /// What it was asked, in the order in which it came: "api.example.gov A", "api.example.gov AAAA over TCP".
  std::vector<std::string> asked;

 private:
  class Server;
  std::shared_ptr<Server> server_;
};

}  // namespace pollux::test
