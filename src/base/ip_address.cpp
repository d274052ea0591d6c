// SPDX-License-Identifier: Apache-2.0
#include "base/ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace pollux {
namespace {

std::unexpected<Error> no_network(std::string_view text, const std::string& why) {
  return fail(ErrorKind::kUsage, "`" + std::string(text) + "` " + why);
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  // inet_pton stops at a zero byte, so that what stands behind it would not be seen.
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != text.npos) return std::nullopt;
  const std::string whole(text);
  IpAddress out(whole.find(':') == whole.npos);
  if (inet_pton(out.v4_ ? AF_INET : AF_INET6, whole.c_str(), out.bytes_.data()) != 1) return std::nullopt;
  // Some C libraries take 010.0.0.1 for 10.0.0.1, others for 8.0.0.1 or for nothing: here it is nothing.
  if (out.v4_ && out.text() != whole) return std::nullopt;
  return out;
}

IpAddress IpAddress::v4(const std::array<std::uint8_t, 4>& bytes) {
  IpAddress out(true);
  std::ranges::copy(bytes, out.bytes_.begin());
  return out;
}

IpAddress IpAddress::v6(const std::array<std::uint8_t, 16>& bytes) {
  IpAddress out(false);
  out.bytes_ = bytes;
  return out;
}

IpAddress IpAddress::mapped() const {
  if (!v4_) return *this;
  IpAddress out(false);
  out.bytes_[10] = out.bytes_[11] = 0xFF;
  std::ranges::copy(bytes(), out.bytes_.begin() + 12);
  return out;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  inet_ntop(v4_ ? AF_INET : AF_INET6, bytes_.data(), out.data(), out.size());
  return out.data();
}

Result<Cidr> Cidr::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address || slash == text.npos)
    return no_network(text, "is no network: write it as 10.0.0.0/8 or 2001:db8::/32");
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (!whole || bits > address->width() || (digits.size() > 1 && digits.front() == '0')) {
    return no_network(text, "has no prefix length: behind the / stands a number from 0 to " +
                                std::to_string(address->width()));
  }
  Cidr out = around(*address, bits);
  if (out.first_ != *address) {
    return no_network(text, "has bits set behind its prefix: write " + out.text() + " for the network or " +
                                address->text() + " for the address");
  }
  return out;
}

Cidr Cidr::around(const IpAddress& address, unsigned bits) {
  bits = std::min(bits, address.width());
  std::array<std::uint8_t, 16> kept{};
  std::ranges::copy(address.bytes(), kept.begin());
  for (unsigned i = 0; i < kept.size(); ++i) {
    const unsigned of_byte = std::clamp(bits, i * 8, i * 8 + 8) - i * 8;
    kept[i] = static_cast<std::uint8_t>(kept[i] & (0xFF00U >> of_byte));
  }
  if (address.is_v4()) return {IpAddress::v4({kept[0], kept[1], kept[2], kept[3]}), bits};
  return {IpAddress::v6(kept), bits};
}

bool Cidr::contains(const IpAddress& address) const {
  return address.is_v4() == first_.is_v4() && around(address, bits_).first_ == first_;
}

}  // namespace pollux
