#pragma once
// SPDX-License-Identifier: Apache-2.0
// The shape of `tls` in egress.yaml, and of a client's `certificate`.

#include <string>

#include "config/shape.hpp"
#include "egress/proxy/tls_context.hpp"

namespace pollux::egress {

/// certificate, key, client_ca, client_certificates. Paths are taken beside the file, and all is tried: what
/// would not do for a handshake is a fault.
config::ShapePtr<TlsFiles> tls_files();

/// "CN=poller", "DNS=poller.example", "URI=spiffe://...", "OU=app:...".
config::ShapePtr<std::string> certificate_name();

}  // namespace pollux::egress
