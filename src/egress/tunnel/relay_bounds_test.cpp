// SPDX-License-Identifier: Apache-2.0
// What bounds a tunnel: nothing has moved for too long, too much has; and what all of them may hold.
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>

#include "egress/tunnel/relay_test.hpp"
#include "tests/support/open_files.hpp"

namespace pollux::egress {
namespace {

TEST_F(RelayTest, ends_when_nobody_has_said_anything_for_too_long) {
  Tunnel& t = tunnel({150ms, 0});
  settle(t);
  EXPECT_EQ(t.ends.relayed->end, End::kIdle);
}

TEST_F(RelayTest, is_not_idle_while_bytes_come) {
  Tunnel& t = tunnel({300ms, 0});
  const auto begun = std::chrono::steady_clock::now();
  play([&]() -> Task<> {
    asio::steady_timer pause(io_);
    for (int i = 0; i < 12; ++i) {
      co_await asio::async_write(t.client.near, asio::buffer("x", 1), asio::use_awaitable);
      pause.expires_after(60ms);
      co_await pause.async_wait(asio::use_awaitable);
    }
  });
  EXPECT_FALSE(t.ends.relayed) << "ended after " << (std::chrono::steady_clock::now() - begun) / 1ms << " ms";
  settle(t);
  EXPECT_EQ(t.ends.relayed->end, End::kIdle);
  EXPECT_EQ(t.ends.relayed->up, 12U);
}

TEST_F(RelayTest, ends_when_more_bytes_come_than_are_allowed) {
  Tunnel& t = tunnel({10min, 100'000});
  boost::system::error_code error;
  play([&]() -> Task<> {
    const std::string much = random_bytes(1'000'000, 4);
    co_await asio::async_write(t.client.near, asio::buffer(much),
                               asio::redirect_error(asio::use_awaitable, error));
    std::string rest;
    co_await asio::async_read(t.server.far, asio::dynamic_buffer(rest),
                              asio::redirect_error(asio::use_awaitable, error));
    EXPECT_LT(rest.size(), 100'000U + (64U << 10));
  });
  settle(t);
  EXPECT_EQ(t.ends.relayed->end, End::kTooMuch);
}

// The bound holds at each piece that gets through, not only when all that was under way is out.
TEST_F(RelayTest, ends_at_the_bound_though_a_side_hears_slowly) {
  constexpr std::size_t kMost = 120'000;
  constexpr int kBuffer = 16 * 1024;  // far less is on the way to the server than the bound
  Tunnel& t = tunnel({10min, kMost}, kBuffer);
  boost::system::error_code to_client;
  play([&]() -> Task<> {
    // Upwards all that is allowed comes to wait in the tunnel.
    const std::string much(kMost + 1, 'u');
    boost::system::error_code cut;
    co_await asio::async_write(t.client.near, asio::buffer(much), asio::use_awaitable);
    // Downwards it stays within the bound, with what the server has not heard yet.
    const std::string down(50'000, 'd');
    std::string heard(down.size(), '\0');
    using namespace asio::experimental::awaitable_operators;
    co_await (asio::async_write(t.server.far, asio::buffer(down), asio::use_awaitable) &&
              asio::async_read(t.client.near, asio::buffer(heard), asio::use_awaitable));
    EXPECT_FALSE(t.ends.relayed);
    // The server hears so much that the bound is passed, and still not all that waits.
    std::string some(30'000, '\0');
    co_await asio::async_read(t.server.far, asio::buffer(some),
                              asio::redirect_error(asio::use_awaitable, cut));
    co_await t.client.near.async_read_some(asio::buffer(heard),
                                           asio::redirect_error(asio::use_awaitable, to_client));
  });
  settle(t);
  ASSERT_TRUE(t.ends.relayed);
  EXPECT_EQ(t.ends.relayed->end, End::kTooMuch);
  EXPECT_LE(t.ends.relayed->up + t.ends.relayed->down, kMost + 8U * kBuffer);
  EXPECT_EQ(to_client, asio::error::connection_reset) << "an end would pass for a whole answer";
}

TEST_F(RelayTest, carries_as_much_as_is_allowed_and_ends_as_any_other) {
  using namespace asio::experimental::awaitable_operators;
  const std::string up = random_bytes(60'000, 8);
  const std::string down = random_bytes(40'000, 9);
  std::string at_server;
  std::string at_client;
  Tunnel& t = tunnel({10min, up.size() + down.size()});
  play([&]() -> Task<> {
    co_await (send_all(t.client.near, up) && send_all(t.server.far, down) &&
              read_to_end(t.server.far, at_server) && read_to_end(t.client.near, at_client));
  });
  settle(t);
  EXPECT_EQ(t.ends.relayed->end, End::kBoth);
  EXPECT_TRUE(at_server == up && at_client == down);
}

TEST_F(RelayTest, copies_where_there_is_no_pipe) {
  using namespace asio::experimental::awaitable_operators;
  pipes_ = Pipes(0, 0);
  const std::string up = random_bytes(3'000'001, 1);
  const std::string down = random_bytes(2'000'003, 2);
  std::string at_server;
  std::string at_client;
  Tunnel& t = tunnel();
  play([&]() -> Task<> {
    co_await (send_all(t.client.near, up) && send_all(t.server.far, down) &&
              read_to_end(t.server.far, at_server) && read_to_end(t.client.near, at_client));
  });
  settle(t);
  EXPECT_TRUE(at_server == up && at_client == down);
  EXPECT_EQ(t.ends.relayed->up + t.ends.relayed->down, up.size() + down.size());
  EXPECT_EQ(buffers_.lent(), 0U);
}

// Whoever does not read holds a pipe for each way; the others still have their tunnels, and all are whole.
TEST_F(RelayTest, has_no_more_pipes_than_are_allowed_however_many_do_not_read) {
  using namespace asio::experimental::awaitable_operators;
  constexpr std::size_t kPipes = 3;
  const std::string much(300'000, 'm');
  pipes_ = Pipes(0, kPipes);
  const std::size_t before = test::open_files("pipe:");
  std::vector<Tunnel*> unread;
  for (int i = 0; i < 6; ++i) unread.push_back(&tunnel({}, 16 * 1024));
  std::string heard;
  play([&]() -> Task<> {
    for (Tunnel* t : unread)
      co_await asio::async_write(t->client.near, asio::buffer(much), asio::use_awaitable);
    Tunnel& other = tunnel();
    co_await (send_all(other.client.near, much) && send_all(other.server.far, "") &&
              read_to_end(other.server.far, heard));
  });
  EXPECT_TRUE(heard == much);
  EXPECT_EQ(test::open_files("pipe:"), before + 2 * kPipes);
  EXPECT_FALSE(pipes_.borrow());
  for (Tunnel* t : unread) EXPECT_FALSE(t->ends.relayed);
  for (Tunnel* t : unread) {
    std::string late;
    play([&]() -> Task<> {
      t->client.near.shutdown(tcp::socket::shutdown_send);
      co_await read_to_end(t->server.far, late);
    });
    EXPECT_TRUE(late == much);
  }
  EXPECT_EQ(test::open_files("pipe:"), before);
  EXPECT_TRUE(pipes_.borrow());
}

}  // namespace
}  // namespace pollux::egress
