#pragma once
// SPDX-License-Identifier: Apache-2.0
// Who may use the proxy, and how they say who they are: by Basic (RFC 7617) in Proxy-Authorization, by a
// certificate that one of tls.client_ca has signed, or by both together. Never changed once made: a reload
// makes another. Any thread.

#include <boost/beast/http/verb.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "egress/policy/policy.hpp"

namespace pollux::egress {

struct ProxyClient {
  Client policy;
  std::string user;  // this and `certificate` empty: whoever shows nothing is this client
  Secret password;
  std::string certificate;  // what its certificate must say, as TlsSession::peer_names() has it
  std::size_t most_connections = 1000;
  std::uint64_t most_bytes = 0;  // of a tunnel, both ways together; 0: any number
  /// Of plain requests, besides CONNECT.
  std::vector<boost::beast::http::verb> methods{boost::beast::http::verb::get,
                                                boost::beast::http::verb::head};
};

class Clients {
 public:
  /// No two have the same user; of those without one, no two the same certificate.
  explicit Clients(std::vector<ProxyClient> clients);
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  /// Whose credentials these are; `header` is the value of Proxy-Authorization, empty without one, `names` is
  /// what the certificate says. A client with a password and a certificate must show both. Of several clients
  /// that one certificate fits, the first. nullptr: nobody's. How long it takes tells nothing of the
  /// password.
  const ProxyClient* find(std::string_view header, const std::vector<std::string>& names = {}) const;

  bool ask_for_credentials() const { return anybody_ == nullptr; }

 private:
  std::vector<ProxyClient> clients_;
  std::map<std::string, const ProxyClient*, std::less<>> by_user_;
  const ProxyClient* anybody_ = nullptr;
};

}  // namespace pollux::egress
