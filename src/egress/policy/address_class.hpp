#pragma once
// SPDX-License-Identifier: Apache-2.0
// What an IP address is, by IANA's registries of special-purpose addresses (RFC 6890, RFC 8190) with what has
// come to them up to RFC 9780: https://www.iana.org/assignments/iana-ipv4-special-registry and
// https://www.iana.org/assignments/iana-ipv6-special-registry. Where those call a block of protocol anycast
// reachable, this does not: nothing is fetched from there, and some of it is answered by the nearest router.
// Pure; any thread.

#include <string_view>
#include <vector>

#include "base/ip_address.hpp"

namespace pollux::egress {

enum class AddressClass {
  kPublic,
  kThisNetwork,
  kUnspecified,
  kLoopback,
  kPrivate,
  kLinkLocal,
  kCarrierGradeNat,
  kUniqueLocal,
  kSiteLocal,
  kMulticast,
  kBroadcast,
  kDocumentation,
  kBenchmark,
  kProtocol,
  kSixToFourRelay,
  kSixToFour,
  kTeredo,
  kMapped,
  kCompatible,
  kTranslated,
  kNat64,
  kNat64Local,
  kOrchid,
  kDiscard,
  kSegmentRouting,
  kPlatform,
  kReserved,
};

/// What the address is by its own block. Not by the IPv4 addresses that it carries: those are judged besides.
AddressClass class_of(const IpAddress& address);

/// The IPv4 addresses that an IPv6 address carries: v4-mapped, v4-compatible, v4-translated, NAT64, 6to4,
/// Teredo (server and client), ISATAP. What goes to such an address may arrive at the one inside. Of the
/// NAT64 of a network with a prefix of its own nothing can be known here.
std::vector<IpAddress> carried_by(const IpAddress& address);

/// Whether a network on an allow list speaks of this address, and does not only happen to hold it: of a
/// public address when it holds it, of any other when it lies wholly within the block that makes the address
/// special. 10.0.0.0/8 speaks of 10.1.2.3; 0.0.0.0/0 does not. In 64:ff9b:1::/48 only the prefix tells where
/// the IPv4 address stands (RFC 8215, RFC 6052, 2.2), and only a /96 or longer tells that it stands at the
/// end.
bool speaks_of(const Cidr& network, const IpAddress& address);

/// "link-local": a word for logs and metrics.
std::string_view name(AddressClass what);
/// Completes "the address ...", with the RFC: "is link-local: ...".
std::string_view meaning(AddressClass what);

}  // namespace pollux::egress
