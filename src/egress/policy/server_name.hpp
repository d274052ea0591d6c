#pragma once
// SPDX-License-Identifier: Apache-2.0
// Whether the TLS in a tunnel asks for the host that the tunnel was allowed for. A CONNECT to a good name
// whose TLS asks the same front end for another one is domain fronting: the list would have been asked about
// the wrong host. What is encrypted is not seen: a Host header inside of the TLS may still name any host that
// the server serves. Nothing here reads TLS (egress/proxy/hello_reader.hpp does). Pure; any thread.

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "egress/policy/policy.hpp"
#include "egress/policy/sni_fault.hpp"

namespace pollux::egress {

/// What a ClientHello (RFC 8446, 4.1.2) says in the clear.
struct ClientHello {
  std::optional<std::string> server_name;  // as it was sent (RFC 6066, 3): any bytes
  bool encrypted = false;                  // it has encrypted_client_hello (RFC 9849), real or GREASE
  bool operator==(const ClientHello&) const = default;
};

/// What a tunnel began with.
using SeenHello = std::expected<ClientHello, SniFault>;

/// Whether a tunnel to this target is to begin with a hello that is looked at.
bool checks_hello(const Client& client, const Target& target);

/// What is against the tunnel: denied or, in report mode, would be; nullopt: nothing. A host that is a name
/// must be the server name. A host that is an address needs none, since TLS has no literal addresses there;
/// its own text is let pass, as some clients send it. `of_target` is the decision that the tunnel stands on.
std::optional<Decision> judge_hello(const Client& client, const Target& target, const SeenHello& hello,
                                    const Decision& of_target);

}  // namespace pollux::egress
