// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/proxy_header.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>
#include <vector>

namespace pollux::egress {
namespace {

using Found = std::expected<std::optional<ProxyHeader>, std::string>;

constexpr std::string_view kVersion1 = "PROXY ";
constexpr std::string_view kVersion2("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kMostOfVersion1 = 107;
constexpr std::size_t kFixed = 16;  // of version 2, before the addresses

std::unexpected<std::string> bad(std::string why) { return std::unexpected(std::move(why)); }

bool begins(std::string_view bytes, std::string_view with) {
  const std::size_t both = std::min(bytes.size(), with.size());
  return bytes.substr(0, both) == with.substr(0, both);
}

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> out;
  for (;;) {
    const auto end = line.find(' ');
    out.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return out;
    line.remove_prefix(end + 1);
  }
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && (text.size() == 1 || text[0] != '0');
}

// Section 2.1.
Found version_1(std::string_view bytes) {
  const auto end = bytes.substr(0, kMostOfVersion1).find('\n');
  if (end == std::string_view::npos) {
    if (bytes.size() >= kMostOfVersion1) return bad("a PROXY line that does not end");
    return std::nullopt;
  }
  if (bytes[end - 1] != '\r') return bad("a PROXY line that ends without CR LF");
  const std::string_view line = bytes.substr(kVersion1.size(), end - 1 - kVersion1.size());
  const auto parts = words(line);
  if (parts[0] == "UNKNOWN") return ProxyHeader{end + 1, std::nullopt};
  const bool v4 = parts[0] == "TCP4";
  if ((!v4 && parts[0] != "TCP6") || parts.size() != 5) return bad("a PROXY line of another form");
  const auto from = IpAddress::parse(parts[1]);
  const auto to = IpAddress::parse(parts[2]);
  if (!from || !to || from->is_v4() != v4 || to->is_v4() != v4)
    return bad("a PROXY line with addresses that are none of its family");
  if (!is_port(parts[3]) || !is_port(parts[4])) return bad("a PROXY line with ports that are none");
  return ProxyHeader{end + 1, from};
}

std::size_t two_bytes(std::string_view at) {
  return static_cast<std::size_t>(static_cast<unsigned char>(at[0])) << 8 | static_cast<unsigned char>(at[1]);
}

// Section 2.2.7: nothing in them is of use here, but they must be what they say.
bool are_extensions(std::string_view rest) {
  while (!rest.empty()) {
    if (rest.size() < 3) return false;
    const std::size_t size = 3 + two_bytes(rest.substr(1));
    if (rest.size() < size) return false;
    rest.remove_prefix(size);
  }
  return true;
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> bytes_at(std::string_view text) {
  std::array<std::uint8_t, kSize> out{};
  for (std::size_t i = 0; i < kSize; ++i) out[i] = static_cast<std::uint8_t>(text[i]);
  return out;
}

// Sections 2.2.2 and 2.2.3: two addresses and two ports; of unix sockets and of what is not said, nothing
// that would be an address.
Found addresses(unsigned family, std::string_view rest, std::size_t size) {
  if (family == 0x00 || family == 0x31) return ProxyHeader{size, std::nullopt};
  if (family != 0x11 && family != 0x21) return bad("a PROXY header of no stream over IP");
  const std::size_t length = family == 0x11 ? 12 : 36;
  if (rest.size() < length || !are_extensions(rest.substr(length)))
    return bad("a PROXY header whose length is not that of what is in it");
  if (family == 0x11) return ProxyHeader{size, IpAddress::v4(bytes_at<4>(rest))};
  return ProxyHeader{size, IpAddress::v6(bytes_at<16>(rest))};
}

// Section 2.2.
Found version_2(std::string_view bytes) {
  if (bytes.size() > kVersion2.size()) {
    const auto said = static_cast<unsigned char>(bytes[kVersion2.size()]);
    if (said != 0x20 && said != 0x21) return bad("a PROXY header of another version or with another command");
  }
  if (bytes.size() < kFixed) return std::nullopt;
  const std::size_t size = kFixed + two_bytes(bytes.substr(kFixed - 2));
  if (size > kMostOfProxyHeader) return bad("a PROXY header that is too long");
  if (bytes.size() < size) return std::nullopt;
  if (static_cast<unsigned char>(bytes[kVersion2.size()]) == 0x20) return ProxyHeader{size, std::nullopt};
  return addresses(static_cast<unsigned char>(bytes[kFixed - 3]), bytes.substr(kFixed, size - kFixed), size);
}

}  // namespace

Found find_proxy_header(std::string_view bytes) {
  if (begins(bytes, kVersion2))
    return bytes.size() < kVersion2.size() ? Found(std::nullopt) : version_2(bytes);
  if (!begins(bytes, kVersion1)) return bad("no PROXY header");
  return bytes.size() < kVersion1.size() ? Found(std::nullopt) : version_1(bytes);
}

}  // namespace pollux::egress
