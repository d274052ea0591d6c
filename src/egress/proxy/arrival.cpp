// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/arrival.hpp"

#include <boost/asio/ip/address.hpp>
#include <utility>

namespace pollux::egress {
namespace {

// Behind a socket of IPv6 that hears IPv4 too, an address of IPv4 is written as one.
std::string address_of(asio::ip::tcp::socket& socket) {
  boost::system::error_code error;
  asio::ip::address address = socket.remote_endpoint(error).address();
  if (error) return "";
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return address.to_string();
}

// Who hangs up has only looked whether anybody is there.
bool worth_a_line(const boost::system::error_code& error) {
  return error != asio::error::eof && error != asio::error::connection_reset &&
         error != asio::error::operation_aborted;
}

}  // namespace

Task<std::optional<Arrival>> arrive(ClientStream& stream, ProxyCore& core) {
  Arrival arrival;
  arrival.from = address_of(stream.socket());
  if (!core.tls) co_return arrival;
  const std::shared_ptr<const TlsContext> context = core.tls;
  stream.expires_after(core.options.handshake_timeout);
  const auto error = co_await stream.shake_hands(context->native());
  if (error) {
    if (worth_a_line(error))
      core.logger.warning("egress_tls", "no TLS with " + arrival.from + ": " + error.message(),
                          {{"from", arrival.from}, {"reason", error.message()}});
    co_return std::nullopt;
  }
  arrival.names = stream.tls()->peer_names();
  co_return arrival;
}

}  // namespace pollux::egress
