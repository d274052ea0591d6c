#pragma once
// SPDX-License-Identifier: Apache-2.0
// IP addresses and networks as values. Only the one form of each address that inet_pton(3) takes is read: no
// octal, hexadecimal, short or whole-number forms of IPv4, no scope ids, no brackets, so that nobody reads
// another address out of the same text. Pure; any thread.

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pollux {

class IpAddress {
 public:
  /// "192.0.2.1" or "2001:db8::1"; nullopt: no address in its plain form.
  static std::optional<IpAddress> parse(std::string_view text);
  static IpAddress v4(const std::array<std::uint8_t, 4>& bytes);
  static IpAddress v6(const std::array<std::uint8_t, 16>& bytes);

  bool is_v4() const { return v4_; }
  /// 32 or 128.
  unsigned width() const { return v4_ ? 32 : 128; }
  /// 4 or 16 of them, in network order; valid as long as the address is.
  std::span<const std::uint8_t> bytes() const { return std::span(bytes_).first(width() / 8); }
  /// An IPv4 address as the IPv6 one that maps it (RFC 4291, 2.5.5.2); an IPv6 address as it is.
  IpAddress mapped() const;
  /// As inet_ntop(3) writes it: the one text of each address (RFC 5952).
  std::string text() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  explicit IpAddress(bool v4) : v4_(v4) {}

  bool v4_;
  std::array<std::uint8_t, 16> bytes_{};  // of an IPv4 address the first four
};

/// A network: an address whose bits behind the prefix are zero (RFC 4632, 3.1).
class Cidr {
 public:
  /// "10.0.0.0/8" or "2001:db8::/32". Bits set behind the prefix are an error that names the right form: with
  /// 10.1.2.3/8 nobody knows whether the network or the address was meant.
  static Result<Cidr> parse(std::string_view text);
  /// The network of so many bits that an address lies in; more bits than it has mean all of them.
  static Cidr around(const IpAddress& address, unsigned bits);
  /// The network of this one address.
  static Cidr only(const IpAddress& address) { return around(address, address.width()); }

  const IpAddress& first() const { return first_; }
  unsigned bits() const { return bits_; }
  /// Addresses of the other family are never within; a mapped address is one of IPv6.
  bool contains(const IpAddress& address) const;
  bool contains(const Cidr& other) const { return other.bits_ >= bits_ && contains(other.first_); }
  /// "10.0.0.0/8".
  std::string text() const { return first_.text() + "/" + std::to_string(bits_); }

  auto operator<=>(const Cidr&) const = default;

 private:
  Cidr(const IpAddress& first, unsigned bits) : first_(first), bits_(bits) {}

  IpAddress first_;
  unsigned bits_;
};

}  // namespace pollux
