// SPDX-License-Identifier: Apache-2.0
// Clients of a proxy, so many at a time: tunnels that carry one byte each way and end, one tunnel that
// carries much, requests over kept connections, or tunnels that only stand. Prints one JSON object: what was
// done, in what time.
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bench/egress/wire.hpp"
#include "net/task.hpp"

namespace pollux::bench {
namespace {

using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

struct Options {
  std::string what;
  std::uint16_t proxy = 0;
  std::uint16_t sink = 0;
  std::string authorization;
  bool direct = false;  // the proxy speaks no CONNECT: whoever connects is in the tunnel
  unsigned at_once = 16;
  std::uint64_t count = 1000;
  double seconds = 5;
};

constexpr double kLate = 5;  // seconds

class Load {
 public:
  Load(asio::io_context& io, Options options) : io_(io), options_(std::move(options)) {}

  /// Runs until so many are done, or it is late.
  void run() {
    begun_ = Clock::now();
    const bool bulk = options_.what == "bulk";
    for (unsigned i = 0; i < (bulk ? 1 : options_.at_once); ++i) {
      asio::co_spawn(io_,
                     bulk                          ? carry_bulk()
                     : options_.what == "requests" ? send_requests(Over::kProxy)
                     : options_.what == "kept"     ? send_requests(Over::kTunnel)
                                                   : make_tunnels(options_.what == "idle"),
                     asio::detached);
    }
    // What hangs then, for want of an answer, is neither done nor failed.
    io_.run_until(begun_ + std::chrono::duration_cast<Clock::duration>(
                               std::chrono::duration<double>(options_.seconds + kLate)));
    const std::chrono::duration<double> took = Clock::now() - begun_;
    fmt::print("{{\"done\":{},\"failed\":{},\"opened\":{},\"seconds\":{:.4f}}}\n", done_, failed_, opened_,
               took.count());
    std::fflush(stdout);
    if (options_.what == "idle") static_cast<void>(std::getchar());  // they stand until somebody says so
  }

 private:
  bool more() const {
    const auto limit = std::chrono::duration<double>(options_.seconds);
    return begun_count_ < options_.count && failed_ < 100 && Clock::now() - begun_ < limit;
  }

  Task<> make_tunnels(bool keep) {
    while (more()) {
      ++begun_count_;
      tcp::socket socket(io_);
      try {
        co_await open(socket);
        char echo = kPing;
        co_await asio::async_write(socket, asio::buffer(&echo, 1), asio::use_awaitable);
        co_await asio::async_read(socket, asio::buffer(&echo, 1), asio::use_awaitable);
        ++done_;
        if (keep) standing_.push_back(std::move(socket));
      } catch (const std::exception&) {
        ++failed_;
      }
    }
  }

  enum class Over { kProxy, kTunnel };

  // Over one connection for as long as it lasts: some proxies close it behind each answer.
  Task<> send_requests(Over over) {
    const std::string& request = over == Over::kTunnel ? inner_request_ : request_;
    tcp::socket socket(io_);
    std::string come;
    bool used = false;
    while (more()) {
      ++begun_count_;
      try {
        used = socket.is_open();
        if (!used && over == Over::kTunnel) co_await open(socket);
        if (!used && over == Over::kProxy) co_await connect(socket);
        co_await asio::async_write(socket, asio::buffer(request), asio::use_awaitable);
        const std::size_t size = co_await read_head(socket, come);
        const std::string_view head = std::string_view(come).substr(0, size);
        const bool last = says_close(head);
        if (!head.substr(8).starts_with(" 200")) throw std::runtime_error("refused");
        if (come.size() < size + kAnswerSize) {
          auto bytes = asio::dynamic_buffer(come);
          auto missing = asio::transfer_exactly(size + kAnswerSize - come.size());
          co_await asio::async_read(socket, bytes, missing, asio::use_awaitable);
        }
        come.clear();
        ++done_;
        if (last) socket.close();
      } catch (const std::exception&) {
        // One that was used may have been closed without a word: the next request has a new one.
        if (!used || !come.empty()) ++failed_;
        socket.close();
        come.clear();
      }
    }
  }

  Task<> carry_bulk() {
    try {
      tcp::socket socket(io_);
      co_await open(socket);
      co_await asio::async_write(socket, asio::buffer(&kBulk, 1), asio::use_awaitable);
      co_await asio::async_write(socket, asio::buffer(&options_.count, sizeof options_.count),
                                 asio::use_awaitable);
      begun_ = Clock::now();
      while (done_ < options_.count && more()) {
        co_await socket.async_wait(tcp::socket::wait_read, asio::use_awaitable);
        // tcp(7), MSG_TRUNC: thrown away, not copied.
        const ssize_t some = ::recv(socket.native_handle(), nullptr, 8 << 20, MSG_TRUNC | MSG_DONTWAIT);
        if (some == 0) break;
        if (some > 0) done_ += static_cast<std::uint64_t>(some);
      }
    } catch (const std::exception&) {
      ++failed_;
    }
  }

  Task<> connect(tcp::socket& socket) {
    const unsigned number = ++opened_;
    socket.open(tcp::v4());
    // ip(7): the port is chosen when the other side is known, from all that are free with it.
    const int on = 1;
    ::setsockopt(socket.native_handle(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    socket.bind({address(number), 0});
    tcp::endpoint proxy(address(0), options_.proxy);
    co_await socket.async_connect(proxy, asio::use_awaitable);
    socket.set_option(tcp::no_delay(true));
  }

  Task<> open(tcp::socket& socket) {
    co_await connect(socket);
    if (options_.direct) co_return;
    const std::string host = fmt::format("{}:{}", address(opened_).to_string(), options_.sink);
    const std::string head = fmt::format("CONNECT {} HTTP/1.1\r\nHost: {}\r\n{}\r\n", host, host, auth_);
    co_await asio::async_write(socket, asio::buffer(head), asio::use_awaitable);
    std::string come;
    co_await read_head(socket, come);
    if (come.size() < 12 || come.substr(8, 4) != " 200") throw std::runtime_error(come);
  }

  static Task<std::size_t> read_head(tcp::socket& socket, std::string& come) {
    auto bytes = asio::dynamic_buffer(come);
    co_return co_await asio::async_read_until(socket, bytes, std::string_view("\r\n\r\n"),
                                              asio::use_awaitable);
  }

  asio::io_context& io_;
  Options options_;
  std::string auth_ = options_.authorization.empty()
                          ? ""
                          : fmt::format("Proxy-Authorization: {}\r\n", options_.authorization);
  std::string request_ = fmt::format("GET http://127.0.0.1:{0}/a HTTP/1.1\r\nHost: 127.0.0.1:{0}\r\n{1}\r\n",
                                     options_.sink, auth_);
  std::string inner_request_ = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
  Clock::time_point begun_;
  std::uint64_t begun_count_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t failed_ = 0;
  unsigned opened_ = 0;
  std::vector<tcp::socket> standing_;
};

}  // namespace
}  // namespace pollux::bench

int main(int argc, char** argv) {
  using namespace pollux;
  bench::Options options;
  CLI::App cli("Clients of a proxy, for bench/egress.py");
  cli.add_option("what", options.what, "tunnels, bulk, requests, kept (requests in tunnels) or idle")
      ->required();
  cli.add_option("--proxy", options.proxy, "its port")->required();
  cli.add_option("--sink", options.sink, "the port that it leads to")->required();
  cli.add_option("--authorization", options.authorization, "the value of Proxy-Authorization");
  cli.add_flag("--direct", options.direct, "no CONNECT");
  cli.add_option("--at-once", options.at_once);
  cli.add_option("--count", options.count, "tunnels, requests, or bytes");
  cli.add_option("--seconds", options.seconds, "it stops then, whatever is done");
  CLI11_PARSE(cli, argc, argv);
  asio::io_context io(1);
  bench::Load(io, std::move(options)).run();
  return 0;
}
