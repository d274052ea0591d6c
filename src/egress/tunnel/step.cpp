// SPDX-License-Identifier: Apache-2.0
#include "egress/tunnel/step.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <boost/asio/error.hpp>
#include <cerrno>

namespace pollux::egress {
namespace {

Step step_of(ssize_t count, Want want) {
  if (count >= 0) return {Want::kNothing, {}, static_cast<std::size_t>(count)};
  if (errno == EAGAIN) return {want, {}, 0};
  return {Want::kNothing, {errno, boost::system::system_category()}, 0};
}

}  // namespace

Step receive(int socket, std::span<char> into) {
  ssize_t count = 0;
  do {
    count = ::recv(socket, into.data(), into.size(), 0);
  } while (count < 0 && errno == EINTR);
  if (count == 0 && !into.empty()) return {Want::kNothing, boost::asio::error::eof, 0};
  return step_of(count, Want::kRead);
}

Step send(int socket, std::span<const iovec> pieces) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  ssize_t count = 0;
  do {
    count = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (count < 0 && errno == EINTR);
  return step_of(count, Want::kWrite);
}

Step send(int socket, std::span<const char> bytes) {
  const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
  return send(socket, std::span(&piece, 1));
}

Step splice(int from, int to, std::size_t most, Want want) {
  ssize_t count = 0;
  do {
    count = ::splice(from, nullptr, to, nullptr, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  } while (count < 0 && errno == EINTR);
  if (count == 0) return {Want::kNothing, boost::asio::error::eof, 0};
  return step_of(count, want);
}

}  // namespace pollux::egress
