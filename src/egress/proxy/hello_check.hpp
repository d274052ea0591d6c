#pragma once
// SPDX-License-Identifier: Apache-2.0
// Waits for the ClientHello that a tunnel begins with and judges it, before any byte of it goes to the other
// side. Where the server wants another one (HelloRetryRequest, RFC 8446, 4.1.4), that one, too: servers go by
// the name that stands there. io thread; the tunnel's frame awaits it.

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "egress/policy/server_name.hpp"
#include "egress/proxy/access_log.hpp"
#include "egress/proxy/client_stream.hpp"
#include "net/task.hpp"

namespace pollux::egress {

struct HelloCheck {
  const Client& client;
  const Target& target;
  const Decision& decision;  // that the tunnel stands on
  Millis limit;              // for each whole hello
  Millis idle;               // for the server's answer to it
  AccessLog& log;
  const Asked& asked;
};

/// Whether the tunnel may go on. Where it is not looked at, nothing was done; else the hello is with the
/// server, and the beginning of its answer with the client. What is in `buffer`, behind what was there
/// before, is still to be sent on. Where it may not go on, an alert may have been sent, and the streams are
/// to be closed.
Task<bool> hello_passes(ClientStream& client, boost::beast::tcp_stream& server,
                        boost::beast::flat_buffer& buffer, const HelloCheck& check);

}  // namespace pollux::egress
