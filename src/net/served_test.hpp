#pragma once
// SPDX-License-Identifier: Apache-2.0
// For tests: an HttpServer on a thread of its own, and a client that is nothing but a blocking socket, so
// that a test can send what no well-behaved client would. Every wait of the client has an end.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "net/http_server.hpp"

namespace pollux::net {

class Served {
 public:
  explicit Served(Handler handler, ServerOptions options = {})
      : server_(io_, std::move(handler), std::move(options)) {
    auto bound = server_.bind("127.0.0.1", 0);
    if (!bound) throw std::runtime_error(bound.error().text());
    port_ = *bound;
    auto ended = [this](const std::exception_ptr&) { ended_ = true; };
    asio::co_spawn(io_, server_.serve(), asio::bind_cancellation_slot(signal_.slot(), ended));
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Served() {
    cancel();
    thread_.join();
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  std::uint16_t port() const { return port_; }
  bool ended() const { return ended_; }
  void stop() {
    asio::post(io_, [this] { server_.stop(); });
  }
  void cancel() {
    asio::post(io_, [this] { signal_.emit(asio::cancellation_type::terminal); });
  }

 private:
  asio::io_context io_;
  HttpServer server_;
  asio::cancellation_signal signal_;
  std::atomic<bool> ended_ = false;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

/// What a client read: an answer, taken apart.
struct Answer {
  int status = 0;
  std::string head;
  std::string body;

  /// The value of a header line, by its exact name; "(none)" where there is none.
  std::string header(const std::string& name) const {
    auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "(none)";
    at += name.size() + 4;
    return head.substr(at, head.find("\r\n", at) - at);
  }
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port, int seconds = 10)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    timeval bound{seconds, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof bound);
    if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot connect");
    }
  }
  RawClient(RawClient&& other) noexcept : fd_(std::exchange(other.fd_, -1)), rest_(std::move(other.rest_)) {}
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() {
    if (fd_ >= 0) ::close(fd_);
  }

  /// False when the peer has closed.
  bool send(std::string_view text) const {
    while (!text.empty()) {
      auto sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void half_close() const { shutdown(fd_, SHUT_WR); }

  /// One answer with a Content-Length; `head_only` for HEAD and 304. Status 0 if the peer closed or fell
  /// silent before.
  Answer read_answer(bool head_only = false) {
    Answer answer;
    std::size_t end = 0;
    while ((end = rest_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return answer;
    }
    answer.head = rest_.substr(0, end + 2);
    rest_.erase(0, end + 4);
    std::string length = answer.header("Content-Length");
    std::size_t size = head_only || length == "(none)" ? 0 : std::stoul(length);
    while (rest_.size() < size && receive()) {
    }
    answer.body = rest_.substr(0, size);
    rest_.erase(0, std::min(size, rest_.size()));
    answer.status = std::stoi(answer.head.substr(9, 3));
    return answer;
  }

  /// All that comes until the peer closes.
  std::string read_all() {
    while (receive()) {
    }
    return std::exchange(rest_, "");
  }

  /// Whether the peer has closed (orderly or not) before the client's own time was up.
  bool sees_the_end() {
    while (receive()) {
    }
    return closed_;
  }

 private:
  bool receive() {
    char buffer[65536];
    auto count = recv(fd_, buffer, sizeof buffer, 0);
    if (count > 0) rest_.append(buffer, static_cast<std::size_t>(count));
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK)) closed_ = true;
    return count > 0;
  }

  int fd_;
  std::string rest_;
  bool closed_ = false;
};

/// One request on one connection.
inline Answer ask(std::uint16_t port, std::string_view request, bool head_only = false) {
  RawClient client(port);
  client.send(request);
  return client.read_answer(head_only);
}

/// "GET /x HTTP/1.1" with a Host and further header lines (each with its CRLF).
inline std::string get(std::string_view target, std::string_view more = "", std::string_view method = "GET") {
  std::string text(method);
  text.append(" ").append(target).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n").append(more).append("\r\n");
  return text;
}

}  // namespace pollux::net
