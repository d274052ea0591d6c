#pragma once
// SPDX-License-Identifier: Apache-2.0
// A client of the egress proxy that says what it likes, byte by byte. Blocking, but each wait has an end; one
// thread.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>

namespace pollux::test {

class Caller {
 public:
  explicit Caller(const std::string& port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
    timeval bound{30, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Caller() { close(fd_); }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  bool connected() const { return connected_; }
  /// What comes back, up to and with `end`, or all there is.
  std::string say(const std::string& text, const std::string& end) const {
    send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    std::string heard;
    std::array<char, 4096> part{};
    while (heard.find(end) == std::string::npos) {
      const auto count = recv(fd_, part.data(), part.size(), 0);
      if (count <= 0) break;
      heard.append(part.data(), static_cast<std::size_t>(count));
    }
    return heard;
  }
  /// Reads so many bytes and forgets them.
  void take(std::size_t count) const {
    std::string part(count, ' ');
    if (count > 0) recv(fd_, part.data(), count, MSG_WAITALL);
  }
  /// The head of the proxy's answer.
  std::string connect_to(const std::string& authority, const std::string& headers = "") const {
    return say("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n" + headers + "\r\n",
               "\r\n\r\n");
  }
  /// Through a tunnel to the server that says everything back.
  bool is_echoed() const { return say("hello\n", "\n") == "hello\n"; }
  bool ended() const { return say("", "never said").empty(); }

 private:
  int fd_;
  bool connected_ = false;
};

}  // namespace pollux::test
