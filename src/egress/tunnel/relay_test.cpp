// SPDX-License-Identifier: Apache-2.0
// What a tunnel carries, and how it ends.
#include "egress/tunnel/relay_test.hpp"

#include <unistd.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <random>

namespace pollux::egress {
namespace {

TEST_F(RelayTest, carries_every_byte_both_ways_at_once) {
  using namespace asio::experimental::awaitable_operators;
  const std::string up = random_bytes(3'000'001, 1);
  const std::string down = random_bytes(5'000'003, 2);
  std::string at_server;
  std::string at_client;
  Tunnel& t = tunnel();
  play([&]() -> Task<> {
    co_await (send_all(t.client.near, up) && send_all(t.server.far, down) &&
              read_to_end(t.server.far, at_server) && read_to_end(t.client.near, at_client));
  });
  settle(t);
  EXPECT_TRUE(at_server == up);
  EXPECT_TRUE(at_client == down);
  EXPECT_EQ(t.ends.relayed->end, End::kBoth);
  EXPECT_EQ(t.ends.relayed->up, up.size());
  EXPECT_EQ(t.ends.relayed->down, down.size());
}

TEST_F(RelayTest, lets_a_side_answer_that_has_been_told_all) {
  const std::string question = "all that I have to say";
  const std::string answer = random_bytes(200'000, 3);
  std::string heard;
  std::string told;
  Tunnel& t = tunnel();
  play([&]() -> Task<> {
    co_await send_all(t.client.near, question);
    co_await read_to_end(t.server.far, heard);
    co_await send_all(t.server.far, answer);
    co_await read_to_end(t.client.near, told);
  });
  settle(t);
  EXPECT_EQ(heard, question);
  EXPECT_TRUE(told == answer);
}

// What is on its way is bounded by the kernel's buffers: nothing piles up here.
TEST_F(RelayTest, slows_a_side_down_that_the_other_does_not_hear) {
  Tunnel& t = tunnel();
  t.client.near.non_blocking(true);
  const std::string piece(1 << 16, 'x');
  std::size_t sent = 0;
  for (int quiet = 0; quiet < 20;) {
    boost::system::error_code error;
    const std::size_t count = t.client.near.write_some(asio::buffer(piece), error);
    sent += count;
    quiet = count > 0 ? 0 : quiet + 1;
    io_.run_for(5ms);
  }
  EXPECT_LT(sent, 64U << 20) << "it never said stop";
  std::size_t heard = 0;
  t.client.near.shutdown(tcp::socket::shutdown_send);
  play([&]() -> Task<> {
    std::string rest;
    co_await read_to_end(t.server.far, rest);
    heard = rest.size();
  });
  EXPECT_EQ(heard, sent);
}

TEST_F(RelayTest, resets_a_side_when_the_other_is_reset) {
  Tunnel& t = tunnel();
  boost::system::error_code error;
  play([&]() -> Task<> {
    co_await asio::async_write(t.server.far, asio::buffer("half an ans", 11), asio::use_awaitable);
    std::string some(11, '\0');
    co_await asio::async_read(t.client.near, asio::buffer(some), asio::use_awaitable);
    t.server.far.set_option(asio::socket_base::linger(true, 0));
    t.server.far.close();
    co_await asio::async_read(t.client.near, asio::buffer(some),
                              asio::redirect_error(asio::use_awaitable, error));
  });
  settle(t);
  EXPECT_EQ(error, asio::error::connection_reset) << "an end would pass for a whole answer";
  EXPECT_EQ(t.ends.relayed->end, End::kReset);
}

TEST_F(RelayTest, closes_both_sockets_when_it_is_canceled) {
  Tunnel& t = tunnel();
  io_.run_for(10ms);
  t.cancel.emit(asio::cancellation_type::terminal);
  settle(t);
  EXPECT_TRUE(t.ends.canceled);
  EXPECT_FALSE(t.client.far.is_open());
  EXPECT_FALSE(t.server.near.is_open());
}

TEST_F(RelayTest, holds_no_pipe_while_nothing_is_under_way) {
  Tunnel& t = tunnel();
  play([&]() -> Task<> {
    co_await asio::async_write(t.client.near, asio::buffer("hello", 5), asio::use_awaitable);
    std::string five(5, '\0');
    co_await asio::async_read(t.server.far, asio::buffer(five), asio::use_awaitable);
  });
  io_.run_for(10ms);
  auto first = pipes_.borrow();
  auto next = pipes_.borrow();
  ASSERT_TRUE(first && next);
  EXPECT_LT(first->read_end(), next->read_end()) << "the one that was used is back, the other is new";
}

// Sides that end, reset and fall silent at random: each tunnel ends, and no file descriptor is left behind.
TEST_F(RelayTest, leaves_nothing_behind_after_hundreds_of_bad_ends) {
  std::mt19937 engine(7);
  pipes_ = Pipes(4, 2);      // some of them splice, some copy
  settle(tunnel({1ms, 0}));  // what the first one opens for all stays open
  tunnels_.clear();
  const int before = ::dup(0);
  ::close(before);
  for (int i = 0; i < 300; ++i) {
    Tunnel& t = tunnel({200ms, 0});
    for (tcp::socket* side : {&t.client.near, &t.server.far}) {
      const unsigned what = engine() % 5;
      if (what > 0) boost::asio::write(*side, asio::buffer(random_bytes(engine() % 60'000, engine())));
      if (what == 1) side->shutdown(tcp::socket::shutdown_send);
      if (what == 2) side->set_option(asio::socket_base::linger(true, 0));
      if (what == 2 || what == 3) side->close();
    }
    if (i % 10 == 0) io_.run_for(1ms);
  }
  for (auto& t : tunnels_) settle(*t);
  tunnels_.clear();
  EXPECT_EQ(buffers_.lent(), 0U);
  pipes_ = Pipes(0);
  const int after = ::dup(0);
  ::close(after);
  EXPECT_EQ(before, after);
}

}  // namespace
}  // namespace pollux::egress
