#pragma once
// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 server: the daemon's console and the sample API stand on it. Strict parsing, a limit on
// everything that a peer sends, a deadline on every wait. Beast stays inside http_connection.cpp. Owned by
// the app, which keeps it until serve() has ended; io thread. Faults of one connection end that connection;
// only bind() and tls can fail.

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/units.hpp"
#include "net/http_client.hpp"
#include "net/request_target.hpp"
#include "net/task.hpp"

namespace pollux::net {

struct ServerRequest {
  std::string method;
  std::string target;  // as it was sent
  std::string path;    // the target's path, still percent-encoded
  QueryPairs query;    // decoded
  Headers headers;
  std::string body;
  std::string peer;  // "127.0.0.1:54321"

  std::string_view header(std::string_view name) const { return find_header(headers, name); }
  /// The first query value of this name.
  std::optional<std::string> query_value(std::string_view name) const;
};

/// Bad manners on request: how the sample API plays a broken upstream. The connection is closed afterwards.
struct Misbehavior {
  enum class End { kClose, kReset, kStall };  // stall: keeps the connection open and says nothing more
  Millis delay{0};                            // before the first byte
  std::optional<std::size_t> stop_after;      // bytes of the body that are sent, whatever Content-Length says
  End end = End::kClose;                      // what comes after the last byte
  Millis stall{0};                            // how long kStall lasts
  std::size_t drip = 0;                       // sends so many bytes at once, 0: all
  Millis drip_pause{0};                       // and waits so long between
  std::optional<std::string> raw;             // sent in place of head and body, as it is; may be nothing
};

struct ServerResponse {
  int status = 200;
  Headers headers;  // without Content-Length and Connection; Date only to tell another time than now
  std::string body;
  std::optional<Misbehavior> misbehavior;
};

/// Answers one request. What it throws becomes a 500 and goes to on_fault.
using Handler = std::function<Task<ServerResponse>(ServerRequest)>;

struct ServerOptions {
  struct Tls {
    std::filesystem::path certificate;  // PEM, with its chain
    std::filesystem::path key;          // PEM
  };
  Bytes max_header{16ULL << 10};
  Bytes max_body{1ULL << 20};
  Millis header_timeout = std::chrono::seconds(10);  // the whole head, and the TLS handshake
  Millis body_timeout = std::chrono::seconds(30);
  Millis idle_timeout = std::chrono::seconds(60);  // between two requests
  Millis write_timeout = std::chrono::seconds(60);
  std::size_t max_connections = 1024;  // more wait in the kernel's queue
  std::optional<Tls> tls;
  std::function<void(const std::string&)> on_fault;  // a bug in a handler; an accept that fails
};

class HttpServer {
 public:
  HttpServer(asio::io_context& io, Handler handler, ServerOptions options = {});
  ~HttpServer();

  /// Listens at a host (an address or "localhost"); port 0 takes any. The port that it became. Errors: kUsage
  /// (bad certificate), kNetwork (taken, not allowed, no such address).
  Result<std::uint16_t> bind(const std::string& host, std::uint16_t port);

  /// The first port of `from`, `from` + 1, ... that is free, among `tries`.
  Result<std::uint16_t> bind_first_free(const std::string& host, std::uint16_t from, int tries);

  /// Accepts and answers until stop(), then until the last answer is out. When canceled it cuts all
  /// connections first.
  Task<> serve();

  /// Takes no new connection, closes idle ones, lets busy ones finish their answer. serve() ends soon after.
  void stop();

  /// Connections that are open now.
  std::size_t connections() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pollux::net
