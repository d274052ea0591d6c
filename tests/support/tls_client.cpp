// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tls_client.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace pollux::test {

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  throw std::runtime_error("cannot connect to port " + std::to_string(port));
}

Wire::Wire(int fd) : fd_(fd) {
  ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) & ~O_NONBLOCK);
  const timeval bound{20, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof bound);
}

void Wire::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void Wire::reset() {
  const linger now{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

bool Wire::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::string Wire::read_to_end(int* why) const {
  std::string out;
  char piece[16384];
  for (;;) {
    const auto count = ::recv(fd_, piece, sizeof piece, 0);
    if (why != nullptr) *why = count < 0 ? errno : 0;
    if (count <= 0) return out;
    out.append(piece, static_cast<std::size_t>(count));
  }
}

TlsClient::TlsClient(int fd, const Identity* identity)
    : wire(fd), context_(boost::asio::ssl::context::tls_client) {
  if (identity != nullptr) {
    context_.use_certificate_chain(boost::asio::buffer(identity->certificate));
    context_.use_private_key(boost::asio::buffer(identity->key), boost::asio::ssl::context::pem);
  }
  ssl_ = SSL_new(context_.native_handle());
  SSL_set_fd(ssl_, wire.fd());
}

std::string TlsClient::shown() const {
  X509* certificate = SSL_get0_peer_certificate(ssl_);
  if (certificate == nullptr) return "";
  char text[256];
  return X509_NAME_oneline(X509_get_subject_name(certificate), text, sizeof text);
}

bool TlsClient::write(std::string_view bytes) {
  std::size_t count = 0;
  return bytes.empty() || SSL_write_ex(ssl_, bytes.data(), bytes.size(), &count) == 1;
}

std::size_t TlsClient::write_some(std::string_view bytes) {
  std::size_t count = 0;
  return SSL_write_ex(ssl_, bytes.data(), bytes.size(), &count) == 1 ? count : 0;
}

bool TlsClient::take(std::string& out, std::size_t most) {
  const std::size_t before = out.size();
  out.resize(before + most);
  std::size_t count = 0;
  const bool good = SSL_read_ex(ssl_, out.data() + before, most, &count) == 1;
  out.resize(before + count);
  return good;
}

std::string TlsClient::read(std::size_t size) {
  std::string out;
  while (out.size() < size && take(out, size - out.size())) {
  }
  return out;
}

std::string TlsClient::read_until(std::string_view end) {
  std::string out;
  while (!out.ends_with(end) && take(out, 1)) {
  }
  return out;
}

std::string TlsClient::read_to_end(bool* clean) {
  std::string out;
  while (take(out, 16384)) {
  }
  if (clean != nullptr) *clean = SSL_get_error(ssl_, 0) == SSL_ERROR_ZERO_RETURN;
  return out;
}

}  // namespace pollux::test
