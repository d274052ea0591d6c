#pragma once
// SPDX-License-Identifier: Apache-2.0
// A SOCKS5 proxy (RFC 1928, with user and password by RFC 1929) that writes down what it was asked for, and
// in which form: a name, or an address that somebody else looked up. It knows names that nobody else does. A
// thread of its own; ended by its destructor.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pollux::test {

class Socks5Proxy {
 public:
  struct Options {
    std::string credentials;                   // "user:password"; empty: everybody may
    std::map<std::string, std::string> names;  // name -> IPv4 address; others are not found
    std::string denied;                        // a name that is refused by rule
  };
  Socks5Proxy() : Socks5Proxy(Options{}) {}
  explicit Socks5Proxy(Options options);
  ~Socks5Proxy();
  Socks5Proxy(const Socks5Proxy&) = delete;
  Socks5Proxy& operator=(const Socks5Proxy&) = delete;

  std::uint16_t port() const;

  /// "name api.invalid:443" or "address 127.0.0.1:443", in the order in which they came.
  std::vector<std::string> requests() const;

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace pollux::test
