// SPDX-License-Identifier: Apache-2.0
#include "egress/tunnel/tls_relay.hpp"

#include <memory>

#include "egress/tunnel/two_way.hpp"
#include "egress/tunnel/until_over.hpp"

namespace pollux::egress {
namespace {

using asio::ip::tcp;

// What both ways have in common. TLS says by itself when it has nothing more.
class CopyWay {
 public:
  static constexpr int kPieces = 16;
  static constexpr bool kBuffered = true;

  CopyWay(tcp::socket& sender, tcp::socket& receiver, TlsSession& tls, Buffers& buffers)
      : from(sender), to(receiver), tls_(tls), bytes_(buffers) {}

  bool may_have_more() const { return true; }
  std::size_t held() const { return bytes_.held().size(); }
  void rest() { bytes_.rest(); }

  tcp::socket& from;
  tcp::socket& to;

 protected:
  TlsSession& tls_;
  BorrowedBytes bytes_;
};

class FromTls : public CopyWay {
 public:
  using CopyWay::CopyWay;
  Step fill(std::size_t most) {
    const Step step = tls_.read(bytes_.space(most));
    bytes_.came(step.count);
    return step;
  }
  Step drain() {
    const Step step = send(to.native_handle(), bytes_.held());
    bytes_.went(step.count);
    return step;
  }
  Step tell_end() {
    Step step;
    to.shutdown(tcp::socket::shutdown_send, step.error);
    return step;
  }
};

class ToTls : public CopyWay {
 public:
  using CopyWay::CopyWay;
  Step fill(std::size_t most) {
    const Step step = receive(from.native_handle(), bytes_.space(most));
    bytes_.came(step.count);
    return step;
  }
  Step drain() {
    const Step step = tls_.write(bytes_.held());
    bytes_.went(step.count);
    return step;
  }
  Step tell_end() { return tls_.shut(); }
};

}  // namespace

Task<Relayed> relay(tcp::socket& client, TlsSession& tls, tcp::socket& server, Buffers& buffers,
                    RelayLimits limits) {
  return until_over(std::make_shared<TwoWay<FromTls, ToTls>>(FromTls(client, server, tls, buffers),
                                                             ToTls(server, client, tls, buffers), limits));
}

}  // namespace pollux::egress
