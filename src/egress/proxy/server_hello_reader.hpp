#pragma once
// SPDX-License-Identifier: Apache-2.0
// Reads the beginning of what a server answers a ClientHello with: whether it wants another hello
// (HelloRetryRequest, RFC 8446, 4.1.4), which may say what the first did not. Pure; owned by who asks.

#include <optional>
#include <string>
#include <string_view>

#include "egress/proxy/tls_records.hpp"

namespace pollux::egress {

class ServerHelloReader {
 public:
  enum class Says { kGoOn, kAgain };

  /// The next bytes. nullopt: more are needed; otherwise there is nothing more to be asked. kGoOn: an answer
  /// to the hello, or no TLS at all: no other hello in the clear will be heard.
  std::optional<Says> take(std::string_view bytes);

 private:
  TlsRecords records_;
  std::string start_;  // of the first message
  std::optional<Says> said_;
};

}  // namespace pollux::egress
