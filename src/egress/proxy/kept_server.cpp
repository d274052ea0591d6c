// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/kept_server.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace pollux::egress {
namespace {

constexpr std::chrono::seconds kAtMost{3};

bool is_silent(int socket) {
  char byte = 0;
  return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace

bool KeptServer::serves(const std::string& client_name, const Target& next) {
  return client == client_name && target == next && Clock::now() - since < kAtMost &&
         is_silent(stream.socket().native_handle());
}

}  // namespace pollux::egress
