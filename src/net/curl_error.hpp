#pragma once
// SPDX-License-Identifier: Apache-2.0
// What a failed transfer of libcurl means: who failed (the proxy or the server), of what kind, whether trying
// again can help, and what to do. Private to net; io thread.

#include <curl/curl.h>

#include <string_view>

#include "net/http_client.hpp"

namespace pollux::net {

struct FailedTransfer {
  CURL* easy;  // still as the transfer left it
  CURLcode code;
  const HttpRequest* request;
  std::string_view reason;   // curl's own words; may be empty
  const Headers& of_tunnel;  // of the answer to a CONNECT, those that say why
  bool begun;                // the request itself has been sent, or some of it
  bool too_large;            // ended by us, because of the body's size
  bool sent_again;           // ended by us, because curl was about to send it once more
};

Error error_of(const FailedTransfer& failed);

/// What to do about a failed handshake, as "; ..." for the end of a message; empty where the reason says it
/// all. `least`: the version that was asked for.
std::string tls_advice(std::string_view reason, TlsVersion least);

}  // namespace pollux::net
