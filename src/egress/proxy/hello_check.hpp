#pragma once
// SPDX-License-Identifier: Apache-2.0
// Waits for the ClientHello that a tunnel begins with and judges it, before any byte of it goes to the other
// side. io thread; the tunnel's frame awaits it.

#include <boost/beast/core/flat_buffer.hpp>

#include "egress/policy/server_name.hpp"
#include "egress/proxy/access_log.hpp"
#include "egress/proxy/client_stream.hpp"
#include "net/task.hpp"

namespace pollux::egress {

struct HelloCheck {
  const Client& client;
  const Target& target;
  const Decision& decision;  // that the tunnel stands on
  Millis limit;              // for the whole hello
  AccessLog& log;
  const Asked& asked;
};

/// Whether the tunnel may go on. What was read is in `buffer` behind what was there before, all of it still
/// to be sent on. Where it may not, an alert may have been sent, and the stream is to be closed.
Task<bool> hello_passes(ClientStream& stream, boost::beast::flat_buffer& buffer, const HelloCheck& check);

}  // namespace pollux::egress
