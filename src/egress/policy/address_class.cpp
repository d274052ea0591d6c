// SPDX-License-Identifier: Apache-2.0
#include "egress/policy/address_class.hpp"

#include <algorithm>
#include <array>
#include <functional>

namespace pollux::egress {
namespace {

struct Block {
  Cidr network;
  AddressClass what;
};

Block block(std::string_view network, AddressClass what) { return {Cidr::parse(network).value(), what}; }

// The longest prefix comes first, so that the first hit is the most special one.
const std::vector<Block>& blocks() {
  using enum AddressClass;
  static const std::vector<Block> all = [] {
    std::vector<Block> out = {
        block("0.0.0.0/32", kUnspecified),
        block("0.0.0.0/8", kThisNetwork),
        block("10.0.0.0/8", kPrivate),
        block("100.64.0.0/10", kCarrierGradeNat),
        block("127.0.0.0/8", kLoopback),
        // Public by its looks, but Azure's own in each of its networks:
        // https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
        block("168.63.129.16/32", kPlatform),
        block("169.254.0.0/16", kLinkLocal),
        block("172.16.0.0/12", kPrivate),
        block("192.0.0.0/24", kProtocol),
        block("192.0.2.0/24", kDocumentation),
        block("192.88.99.0/24", kSixToFourRelay),
        block("192.168.0.0/16", kPrivate),
        block("198.18.0.0/15", kBenchmark),
        block("198.51.100.0/24", kDocumentation),
        block("203.0.113.0/24", kDocumentation),
        block("224.0.0.0/4", kMulticast),
        block("240.0.0.0/4", kReserved),
        block("255.255.255.255/32", kBroadcast),

        block("::/128", kUnspecified),
        block("::1/128", kLoopback),
        block("::/96", kCompatible),
        block("::ffff:0:0/96", kMapped),
        block("::ffff:0:0:0/96", kTranslated),
        block("64:ff9b::/96", kNat64),
        block("64:ff9b:1::/48", kNat64Local),
        block("100::/64", kDiscard),
        block("100:0:0:1::/64", kDiscard),
        block("2001::/23", kProtocol),
        block("2001::/32", kTeredo),
        block("2001:2::/48", kBenchmark),
        block("2001:10::/28", kOrchid),
        block("2001:20::/28", kOrchid),
        block("2001:db8::/32", kDocumentation),
        block("2002::/16", kSixToFour),
        block("3fff::/20", kDocumentation),
        block("5f00::/16", kSegmentRouting),
        block("fc00::/7", kUniqueLocal),
        block("fe80::/10", kLinkLocal),
        block("fec0::/10", kSiteLocal),
        block("ff00::/8", kMulticast),
        // Global unicast is 2000::/3 and nothing else (RFC 4291, 2.4; IANA's ipv6-address-space).
        block("::/3", kReserved),
        block("4000::/2", kReserved),
        block("8000::/1", kReserved),
    };
    std::ranges::stable_sort(out, std::greater<>(), [](const Block& b) { return b.network.bits(); });
    return out;
  }();
  return all;
}

struct Words {
  AddressClass what;
  std::string_view name;
  std::string_view meaning;
};

constexpr auto kWords = std::to_array<Words>({
    {AddressClass::kPublic, "public", "is public"},
    {AddressClass::kThisNetwork, "this-network", "is one of 0.0.0.0/8, \"this network\" (RFC 791, 3.2)"},
    {AddressClass::kUnspecified, "unspecified",
     "is the unspecified one, which means this machine (RFC 1122, 3.2.1.3)"},
    {AddressClass::kLoopback, "loopback", "is the proxy's own machine (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3)"},
    {AddressClass::kPrivate, "private", "is of a private network (RFC 1918)"},
    {AddressClass::kLinkLocal, "link-local",
     "is link-local, where clouds answer their machines' questions (RFC 3927; RFC 4291, 2.5.6)"},
    {AddressClass::kCarrierGradeNat, "carrier-grade-nat", "is shared behind a carrier's NAT (RFC 6598)"},
    {AddressClass::kUniqueLocal, "unique-local", "is of a private network (RFC 4193)"},
    {AddressClass::kSiteLocal, "site-local", "is of a site's own network (RFC 3879)"},
    {AddressClass::kMulticast, "multicast", "is of a group and not of one machine (RFC 5771; RFC 4291, 2.7)"},
    {AddressClass::kBroadcast, "broadcast", "is that of everybody (RFC 919, 7)"},
    {AddressClass::kDocumentation, "documentation", "is for examples only (RFC 5737, RFC 3849, RFC 9637)"},
    {AddressClass::kBenchmark, "benchmark", "is for measuring networks (RFC 2544, RFC 5180)"},
    {AddressClass::kProtocol, "protocol", "is kept for protocols (RFC 6890, 2.2.2; RFC 2928)"},
    {AddressClass::kSixToFourRelay, "6to4-relay", "is that of a 6to4 relay (RFC 7526)"},
    {AddressClass::kSixToFour, "6to4", "leads through 6to4 to an IPv4 address (RFC 3056, RFC 7526)"},
    {AddressClass::kTeredo, "teredo", "leads through Teredo to an IPv4 address (RFC 4380)"},
    {AddressClass::kMapped, "v4-mapped", "is an IPv4 address written as one of IPv6 (RFC 4291, 2.5.5.2)"},
    {AddressClass::kCompatible, "v4-compatible",
     "is an IPv4 address written as one of IPv6 (RFC 4291, 2.5.5.1)"},
    {AddressClass::kTranslated, "v4-translated", "is an IPv4 address written as one of IPv6 (RFC 2765, 2.1)"},
    {AddressClass::kNat64, "nat64", "leads through NAT64 to an IPv4 address (RFC 6052)"},
    {AddressClass::kNat64Local, "nat64-local",
     "leads through a network's own NAT64 to an IPv4 address (RFC 8215)"},
    {AddressClass::kOrchid, "orchid", "is an identifier and not reachable (RFC 4843, RFC 7343)"},
    {AddressClass::kDiscard, "discard", "is one whose traffic is thrown away (RFC 6666, RFC 9780)"},
    {AddressClass::kSegmentRouting, "segment-routing", "is a segment of a provider's own network (RFC 9602)"},
    {AddressClass::kPlatform, "platform", "is one at which a cloud answers only its own machines"},
    {AddressClass::kReserved, "reserved", "is not given out to anybody (RFC 1112, 4; RFC 4291, 2.4)"},
});

const Words& words_of(AddressClass what) { return kWords.at(static_cast<std::size_t>(what)); }

const Block* block_of(const IpAddress& address) {
  auto found = std::ranges::find_if(blocks(), [&](const Block& b) { return b.network.contains(address); });
  return found == blocks().end() ? nullptr : &*found;
}

IpAddress four_bytes(const IpAddress& address, std::size_t from, unsigned flip = 0) {
  auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(address.bytes()[from + i] ^ flip); };
  return IpAddress::v4({byte(0), byte(1), byte(2), byte(3)});
}

// RFC 5214, 6.1: 0000:5efe or 0200:5efe, then the IPv4 address, behind any prefix.
bool is_isatap(const IpAddress& address) {
  auto bytes = address.bytes();
  return (bytes[8] & 0xFDU) == 0 && bytes[9] == 0 && bytes[10] == 0x5E && bytes[11] == 0xFE;
}

}  // namespace

AddressClass class_of(const IpAddress& address) {
  const Block* found = block_of(address);
  return found == nullptr ? AddressClass::kPublic : found->what;
}

std::vector<IpAddress> carried_by(const IpAddress& address) {
  std::vector<IpAddress> out;
  if (address.is_v4()) return out;
  switch (class_of(address)) {
    case AddressClass::kMapped:      // RFC 4291, 2.5.5.2
    case AddressClass::kCompatible:  // RFC 4291, 2.5.5.1
    case AddressClass::kTranslated:  // RFC 2765, 2.1
    case AddressClass::kNat64:       // RFC 6052, 2.1
    case AddressClass::kNat64Local:  // RFC 8215
      out.push_back(four_bytes(address, 12));
      break;
    case AddressClass::kSixToFour:  // RFC 3056, 2
      out.push_back(four_bytes(address, 2));
      break;
    case AddressClass::kTeredo:  // RFC 4380, 4: the client's is written with every bit turned
      out.push_back(four_bytes(address, 4));
      out.push_back(four_bytes(address, 12, 0xFF));
      break;
    default:
      break;
  }
  if (is_isatap(address)) out.push_back(four_bytes(address, 12));
  return out;
}

bool speaks_of(const Cidr& network, const IpAddress& address) {
  if (!network.contains(address)) return false;
  const Block* special = block_of(address);
  if (special == nullptr) return true;
  if (special->what == AddressClass::kNat64Local && network.bits() < 96) return false;
  return special->network.contains(network);
}

std::string_view name(AddressClass what) { return words_of(what).name; }
std::string_view meaning(AddressClass what) { return words_of(what).meaning; }

}  // namespace pollux::egress
