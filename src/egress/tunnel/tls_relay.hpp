#pragma once
// SPDX-License-Identifier: Apache-2.0
// A tunnel whose client speaks TLS to the proxy: what relay() does for two plain sockets, with the client's
// bytes decrypted and encrypted on their way. A side that ends sends no more but still hears the other
// (close_notify there, the end of the stream here); a tunnel that is cut ends without close_notify, so that
// nobody takes it for an end. io thread.

#include <boost/asio/ip/tcp.hpp>

#include "egress/tunnel/buffers.hpp"
#include "egress/tunnel/relay.hpp"
#include "egress/tunnel/tls_session.hpp"

namespace pollux::egress {

/// The client's socket and its session, whose handshake is done. Both sockets are open; they are closed when
/// it returns. All but the limits outlive it. Canceled, it closes them and throws operation_aborted.
Task<Relayed> relay(asio::ip::tcp::socket& client, TlsSession& tls, asio::ip::tcp::socket& server,
                    Buffers& buffers, RelayLimits limits);

}  // namespace pollux::egress
