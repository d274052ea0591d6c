#pragma once
// SPDX-License-Identifier: Apache-2.0
// Tunnels over loopback, with both of their far ends: client ends -- relay -- server ends. One thread.

#include "egress/tunnel/relay.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/noise.hpp"

namespace pollux::egress {

using asio::ip::tcp;
using namespace std::chrono_literals;
using test::random_bytes;
using End = Relayed::End;

struct Pair {
  tcp::socket near;
  tcp::socket far;
};

class RelayTest : public testing::Test {
 protected:
  struct Ends {
    std::optional<Relayed> relayed;
    bool canceled = false;
  };

  // `buffer`: what the kernel holds for it, at each end; 0: as it does by itself.
  Pair connected(int buffer = 0) {
    tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
    Pair pair{tcp::socket(io_, tcp::v4()), tcp::socket(io_)};
    if (buffer > 0) {
      acceptor.set_option(asio::socket_base::receive_buffer_size(buffer));  // the accepted one's, too
      pair.near.set_option(asio::socket_base::receive_buffer_size(buffer));
    }
    pair.near.connect(acceptor.local_endpoint());
    acceptor.accept(pair.far);
    if (buffer > 0) {
      for (tcp::socket* socket : {&pair.near, &pair.far})
        socket->set_option(asio::socket_base::send_buffer_size(buffer));
    }
    return pair;
  }

  // One tunnel, whose sockets and outcome live as long as the test.
  struct Tunnel {
    Pair client;
    Pair server;
    Ends ends;
    asio::cancellation_signal cancel;
  };

  // `buffer` on the server's side.
  Tunnel& tunnel(RelayLimits limits = {}, int buffer = 0) {
    tunnels_.push_back(std::make_unique<Tunnel>(connected(), connected(buffer)));
    Tunnel& out = *tunnels_.back();
    asio::co_spawn(
        io_, relay(out.client.far, out.server.near, pipes_, buffers_, limits),
        asio::bind_cancellation_slot(out.cancel.slot(), [&out](std::exception_ptr thrown, Relayed relayed) {
          if (thrown) {
            out.ends.canceled = true;
          } else {
            out.ends.relayed = relayed;
          }
        }));
    return out;
  }

  template <class Work>
  void play(Work work) {
    bool played = false;
    asio::co_spawn(io_, std::move(work), [&played](std::exception_ptr thrown) {
      played = true;
      if (thrown) std::rethrow_exception(thrown);
    });
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!played && std::chrono::steady_clock::now() < until) io_.run_one_for(100ms);
    ASSERT_TRUE(played) << "it hangs";
  }

  void settle(const Tunnel& tunnel) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!tunnel.ends.relayed && !tunnel.ends.canceled && std::chrono::steady_clock::now() < until)
      io_.run_one_for(100ms);
    ASSERT_TRUE(tunnel.ends.relayed || tunnel.ends.canceled) << "the tunnel has not ended";
  }

  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> working_ = asio::make_work_guard(io_);
  Pipes pipes_{4};
  Buffers buffers_{4};
  std::vector<std::unique_ptr<Tunnel>> tunnels_;
};

inline Task<> send_all(tcp::socket& socket, const std::string& bytes) {
  co_await asio::async_write(socket, asio::buffer(bytes), asio::use_awaitable);
  socket.shutdown(tcp::socket::shutdown_send);
}

inline Task<> read_to_end(tcp::socket& socket, std::string& into) {
  boost::system::error_code error;
  co_await asio::async_read(socket, asio::dynamic_buffer(into),
                            asio::redirect_error(asio::use_awaitable, error));
  EXPECT_EQ(error, asio::error::eof);
}

}  // namespace pollux::egress
