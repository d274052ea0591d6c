#pragma once
// SPDX-License-Identifier: Apache-2.0
// A client with blocking calls, plain (Wire) or under TLS by OpenSSL itself, so that a test can end, cut and
// reset a connection as it likes. Every wait has an end. One thread.

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/authority.hpp"

namespace pollux::test {

/// A new connection to 127.0.0.1. Throws.
int connect_to(std::uint16_t port);

class Wire {
 public:
  /// Owns the socket.
  explicit Wire(int fd);
  ~Wire() { close(); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  int fd() const { return fd_; }
  void close();
  /// Closes so that the other side is reset.
  void reset();
  void half_close() const { ::shutdown(fd_, SHUT_WR); }
  bool write(std::string_view bytes) const;
  /// All until the end; `why`: 0 for an end, or errno.
  std::string read_to_end(int* why = nullptr) const;

 private:
  int fd_;
};

class TlsClient {
 public:
  explicit TlsClient(int fd, const Identity* identity = nullptr);
  ~TlsClient() { SSL_free(ssl_); }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  Wire wire;

  SSL* native() const { return ssl_; }
  bool handshake() { return SSL_connect(ssl_) == 1; }
  /// The subject of the other side's certificate, "/CN=proxy".
  std::string shown() const;
  bool write(std::string_view bytes);
  std::size_t write_some(std::string_view bytes);
  std::string read(std::size_t size);
  /// Until these bytes have come, with them; less where there was an end before.
  std::string read_until(std::string_view end);
  /// All until the end; `clean`: it was said to be one.
  std::string read_to_end(bool* clean = nullptr);
  void say_end() { SSL_shutdown(ssl_); }

 private:
  bool take(std::string& out, std::size_t most);

  boost::asio::ssl::context context_;
  SSL* ssl_;
};

}  // namespace pollux::test
