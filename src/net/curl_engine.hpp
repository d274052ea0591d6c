#pragma once
// SPDX-License-Identifier: Apache-2.0
// libcurl's multi interface on Asio: curl's sockets stand in one epoll set of their own, and Asio waits for
// that set and for curl's one timer. One engine for each way out, so that its connections belong to one
// proxy, its credentials and one client certificate. Shared with the handlers that Asio still holds, so that
// a late wake-up finds it alive. Private to net; io thread. Errors are those of CurlTransfer, and kCanceled.

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/curl_transfer.hpp"

namespace pollux::net {

class CurlEngine : public std::enable_shared_from_this<CurlEngine> {
 public:
  struct Outcome {
    Result<HttpResponse> response;
    std::string redirect;  // where the answer points to; empty if nowhere
  };
  using Done = std::move_only_function<void(Outcome)>;

  /// By what a transfer can be canceled. Handles are used again, so the number tells whether it is still this
  /// one.
  struct Ticket {
    CURL* easy;
    std::uint64_t number;
  };

  CurlEngine(asio::io_context& io, std::size_t max_connections, std::string ca_bundle);
  ~CurlEngine();
  CurlEngine(const CurlEngine&) = delete;
  CurlEngine& operator=(const CurlEngine&) = delete;

  Ticket start(HttpRequest request, Done done);
  void cancel(Ticket ticket);
  /// No more waiting: what still runs ends with the engine, unheard.
  void close();

 private:
  using Steady = std::chrono::steady_clock;
  struct Running {
    Running(HttpRequest request, CurlEasy easy, Done d, std::uint64_t n)
        : curl(std::move(request), std::move(easy)), done(std::move(d)), number(n) {}
    CurlTransfer curl;
    Done done;
    std::uint64_t number;
  };

  CurlEasy take_easy();
  void complete(Running& transfer, Outcome outcome);
  void finish(CURL* easy, Outcome outcome);
  void collect();
  void watch();
  void on_ready();
  void settle();
  void arm(Steady::time_point at);
  void disarm();
  static int on_socket(CURL*, curl_socket_t socket, int what, void* engine, void* known);
  static int on_timer(CURLM*, long milliseconds, void* engine);

  asio::io_context& io_;
  asio::posix::stream_descriptor ready_;
  asio::steady_timer timer_;
  std::optional<Steady::time_point> due_;    // when curl wants to be called without a socket's event
  std::optional<Steady::time_point> armed_;  // when the timer will fire: at the latest when due
  std::string ca_bundle_;
  CURLM* multi_;
  int epoll_;  // owned by ready_
  bool watching_ = false;
  bool closed_ = false;
  std::unordered_map<CURL*, std::unique_ptr<Running>> running_;
  std::vector<CurlEasy> spare_;
  std::uint64_t started_ = 0;
};

}  // namespace pollux::net
