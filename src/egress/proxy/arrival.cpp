// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/arrival.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <utility>

#include "egress/proxy/proxy_header.hpp"

namespace pollux::egress {
namespace {

using Code = boost::system::error_code;

// Behind a socket of IPv6 that hears IPv4 too, an address of IPv4 is one.
std::optional<IpAddress> peer_of(const asio::ip::tcp::socket& socket) {
  Code error;
  const asio::ip::address address = socket.remote_endpoint(error).address();
  if (error) return std::nullopt;
  if (address.is_v4()) return IpAddress::v4(address.to_v4().to_bytes());
  if (address.to_v6().is_v4_mapped())
    return IpAddress::v4(asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_bytes());
  return IpAddress::v6(address.to_v6().to_bytes());
}

// Who hangs up has only looked whether anybody is there.
bool worth_a_line(const Code& error) {
  return error != asio::error::eof && error != asio::error::connection_reset &&
         error != asio::error::operation_aborted;
}

using HeaderRead = std::expected<std::optional<IpAddress>, std::string>;

// Takes the header and not a byte more: what is behind it belongs to TLS. An empty reason: nobody is there.
Task<HeaderRead> read_proxy_header(ClientStream& stream) {
  std::string come;
  std::array<char, 512> ahead;
  for (;;) {
    const Code error = co_await stream.readable();
    if (error) co_return std::unexpected(come.empty() && !worth_a_line(error) ? "" : error.message());
    const int socket = stream.socket().native_handle();
    const auto count = ::recv(socket, ahead.data(), ahead.size(), MSG_PEEK);
    if (count < 0 && errno == EAGAIN) continue;
    if (count <= 0) co_return std::unexpected(come.empty() ? "" : "a PROXY header that does not end");
    const std::size_t before = come.size();
    come.append(ahead.data(), static_cast<std::size_t>(count));
    const auto found = find_proxy_header(come);
    if (!found) co_return std::unexpected(found.error());
    const std::size_t taken = (*found ? (*found)->size : come.size()) - before;
    if (::recv(socket, ahead.data(), taken, 0) != static_cast<ssize_t>(taken))
      co_return std::unexpected("the connection failed");
    if (*found) co_return (*found)->from;
  }
}

}  // namespace

Task<std::optional<Arrival>> arrive(ClientStream& stream, ProxyCore& core) {
  const std::optional<IpAddress> peer = peer_of(stream.socket());
  if (!peer) co_return std::nullopt;  // gone already
  Arrival arrival;
  arrival.from = peer->text();
  stream.expires_after(core.options.handshake_timeout);
  auto speaks_for = [&](const Cidr& network) { return network.contains(*peer); };
  if (std::ranges::any_of(core.options.proxy_protocol, speaks_for)) {
    const HeaderRead header = co_await read_proxy_header(stream);
    if (!header) {
      if (!header.error().empty()) core.log.no_proxy_header(arrival.from, header.error());
      co_return std::nullopt;
    }
    if (*header) arrival.from = (*header)->text();
  }
  const std::shared_ptr<const TlsContext> context = core.tls;
  if (!context) co_return arrival;
  const Code error = co_await stream.shake_hands(context->native());
  if (error) {
    if (worth_a_line(error)) core.log.no_tls(arrival.from, error.message());
    co_return std::nullopt;
  }
  arrival.names = stream.tls()->peer_names();
  co_return arrival;
}

}  // namespace pollux::egress
