#pragma once
// SPDX-License-Identifier: Apache-2.0
// The server's end of TLS over one socket that does not block, as steps: each does what it can at once and
// says what it waits for. OpenSSL reads and writes the socket itself: Asio's ssl::stream keeps 68 KiB of
// buffers for each connection, this one none while nothing is under way (SSL_MODE_RELEASE_BUFFERS). One
// thread; the process ignores SIGPIPE.

#include <openssl/ssl.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "egress/tunnel/step.hpp"

namespace pollux::egress {

class TlsSession {
 public:
  /// The socket is somebody else's, open as long as this is used. Throws where there is no memory left.
  TlsSession(SSL_CTX* context, int socket);

  Step handshake();
  /// At the end of the stream, eof: close_notify, or the end of the connection without (which attackers can
  /// forge, and which most clients take for an end: as without TLS, what is inside must know its own length).
  Step read(std::span<char> into);
  /// One record at most, 16 KiB.
  Step write(std::span<const char> bytes);
  /// Says that no more will come (close_notify, RFC 8446, 6.1); the other side may go on.
  Step shut();

  /// What the certificate says of who shows it, once it is verified: "CN=poller", "DNS=poller.example",
  /// "URI=spiffe://...", "OU=app:...". Empty without one.
  std::vector<std::string> peer_names() const;

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  Step step_of(int returned);

  std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace pollux::egress
