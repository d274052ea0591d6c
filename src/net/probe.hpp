#pragma once
// SPDX-License-Identifier: Apache-2.0
// One look at the way of a request, as far as the request itself: which sockets are opened, what the proxy
// answers, which TLS is spoken on the way and at its end. It is libcurl with the very settings of a fetch
// (CurlTransfer), so that what it finds is what a fetch would find. Behind a SOCKS proxy, a CONNECT or
// nothing, no request is sent; where a proxy judges nothing but requests (http through an http proxy), a HEAD
// of the address is. The proxy's name is looked up before, once, and nothing else is taken for the proxy.
// Blocks, as long as the request's timeouts allow and the system's look-up of that name takes; any thread.

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/http_client.hpp"

namespace pollux::net {

struct PeerCertificate {
  std::string subject;  // RFC 4514: "CN=api.example.gov,O=Example"; foreign text, made fit for a line
  std::string issuer;
  Time from;
  Time until;
};

/// One TLS on the way, as far as it came.
struct TlsSeen {
  std::string version;  // "TLSv1.3"; empty: the handshake was not finished
  std::string cipher;
  std::optional<PeerCertificate> peer;  // none: it did not come so far
  std::string distrust;  // why OpenSSL does not trust it: "certificate has expired"; empty: it does
};

struct Probe {
  std::vector<std::string> opened;  // "127.0.0.1:3128": whom a socket was opened to, in order, each once
  std::vector<std::string> proxy;   // in the same form: all addresses of the proxy; empty: it has none
  int connect_status = 0;           // what a CONNECT was answered with; 0: none was, or no answer came
  int status = 0;                   // what the HEAD was answered with
  Headers headers;                  // of that answer
  std::optional<TlsSeen> proxy_tls;
  std::optional<TlsSeen> tls;  // with the server
  std::optional<Error> error;  // in the words of a fetch
};

/// Whether the way is judged by a request alone: plain http through an http or https proxy.
bool needs_request(const HttpRequest& request);

/// `request` has its way, its address and its timeouts; nothing of it is sent but the address and headers of
/// a HEAD where needs_request(). `system_cas` is a CaBundle's path; empty: what libcurl trusts.
Probe probe(HttpRequest request, const std::string& system_cas);

}  // namespace pollux::net
