// SPDX-License-Identifier: Apache-2.0
// A client of OpenSSL's, with blocking calls; the relay on a thread of its own; the server's end, blocking
// too.
#include "egress/tunnel/tls_relay.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <csignal>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include "tests/support/authority.hpp"
#include "tests/support/noise.hpp"
#include "tests/support/tls_client.hpp"

namespace pollux::egress {
namespace {

using asio::ip::tcp;
using namespace std::chrono_literals;
using test::random_bytes;
using End = Relayed::End;

class TlsRelayTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }
  TlsRelayTest() {
    const test::Identity identity = authority_.issue("proxy");
    context_.use_certificate_chain(asio::buffer(identity.certificate));
    context_.use_private_key(asio::buffer(identity.key), asio::ssl::context::pem);
    SSL_CTX_set_mode(context_.native_handle(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                                   SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(context_.native_handle(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  }
  ~TlsRelayTest() override {
    client_.reset();
    server_.reset();
    working_.reset();
    thread_.join();
  }

  void begin(RelayLimits limits = {}) {
    tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
    tcp::socket near(io_);
    near.connect(acceptor.local_endpoint());
    acceptor.accept(far_);
    client_.emplace(near.release());
    session_.emplace(context_.native_handle(), far_.native_handle());
    auto shaken = std::async(std::launch::async, [this] { return client_->handshake(); });
    ASSERT_FALSE(session_->handshake().error);
    ASSERT_TRUE(shaken.get());
    to_server_.connect(acceptor.local_endpoint());
    tcp::socket server(io_);
    acceptor.accept(server);
    server_.emplace(server.release());
    asio::co_spawn(
        io_, relay(far_, *session_, to_server_, buffers_, limits),
        asio::bind_cancellation_slot(cancel_.slot(), [this](std::exception_ptr thrown, Relayed relayed) {
          canceled_ = thrown != nullptr;
          relayed_.set_value(relayed);
        }));
    thread_ = std::thread([this] { io_.run(); });
  }

  Relayed relayed() {
    auto future = relayed_.get_future();
    if (future.wait_for(20s) != std::future_status::ready) throw std::runtime_error("it has not ended");
    return future.get();
  }
  std::size_t lent() {
    std::promise<std::size_t> out;
    asio::post(io_, [&] { out.set_value(buffers_.lent()); });
    return out.get_future().get();
  }

  test::Authority authority_;
  asio::ssl::context context_{asio::ssl::context::tls_server};
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> working_ = asio::make_work_guard(io_);
  Buffers buffers_;
  tcp::socket far_{io_};
  tcp::socket to_server_{io_};
  std::optional<TlsSession> session_;
  std::optional<test::TlsClient> client_;
  std::optional<test::Wire> server_;
  asio::cancellation_signal cancel_;
  std::promise<Relayed> relayed_;
  bool canceled_ = false;
  std::thread thread_;
};

TEST_F(TlsRelayTest, carries_every_byte_both_ways_at_once) {
  begin();
  const std::string up = random_bytes(3'000'001, 1);
  const std::string down = random_bytes(5'000'003, 2);
  auto heard = std::async(std::launch::async, [&] { return server_->read_to_end(); });
  auto sent = std::async(std::launch::async, [&] { return server_->write(down); });
  ASSERT_TRUE(client_->write(up));
  EXPECT_TRUE(client_->read(down.size()) == down);
  EXPECT_TRUE(sent.get());
  client_->say_end();
  EXPECT_TRUE(heard.get() == up);
  server_->half_close();
  const Relayed done = relayed();
  EXPECT_EQ(done.end, End::kBoth);
  EXPECT_EQ(done.up, up.size());
  EXPECT_EQ(done.down, down.size());
}

TEST_F(TlsRelayTest, lets_a_server_answer_that_has_been_told_all) {
  begin();
  const std::string answer = random_bytes(200'000, 3);
  client_->write("all that I have to say");
  client_->say_end();
  EXPECT_EQ(server_->read_to_end(), "all that I have to say");
  server_->write(answer);
  server_->half_close();
  bool clean = false;
  EXPECT_TRUE(client_->read_to_end(&clean) == answer);
  EXPECT_TRUE(clean);
}

TEST_F(TlsRelayTest, lets_a_client_go_on_that_has_been_told_all) {
  begin();
  server_->write("over to you");
  server_->half_close();
  bool clean = false;
  EXPECT_EQ(client_->read_to_end(&clean), "over to you");
  EXPECT_TRUE(clean);
  client_->write("and back");
  client_->say_end();
  EXPECT_EQ(server_->read_to_end(), "and back");
  EXPECT_EQ(relayed().end, End::kBoth);
}

// Most clients hang up like this, and what they have sent shall arrive.
TEST_F(TlsRelayTest, takes_the_end_of_the_connection_for_the_end_of_what_it_says) {
  begin();
  server_->write("200");
  ASSERT_EQ(client_->read(3), "200") << "with it the tickets: unread, they would make a reset of the end";
  const std::string much = random_bytes(1'000'000, 5);
  auto heard = std::async(std::launch::async, [&] { return server_->read_to_end(); });
  client_->write(much);
  client_->wire.close();
  EXPECT_TRUE(heard.get() == much);
}

TEST_F(TlsRelayTest, resets_the_client_when_the_server_is_reset) {
  begin();
  server_->write("half an ans");
  EXPECT_EQ(client_->read(11), "half an ans");
  server_->reset();
  bool clean = true;
  client_->read_to_end(&clean);
  EXPECT_FALSE(clean) << "an end would pass for a whole answer";
  EXPECT_EQ(relayed().end, End::kReset);
}

TEST_F(TlsRelayTest, resets_the_server_when_the_client_is_reset) {
  begin();
  client_->write("half a quest");
  char some[12];
  ASSERT_EQ(::recv(server_->fd(), some, sizeof some, MSG_WAITALL), 12);
  client_->wire.reset();
  int why = 0;
  server_->read_to_end(&why);
  EXPECT_EQ(why, ECONNRESET);
  EXPECT_EQ(relayed().end, End::kReset);
}

TEST_F(TlsRelayTest, slows_a_client_down_that_the_server_does_not_hear) {
  begin();
  ::fcntl(client_->wire.fd(), F_SETFL, O_NONBLOCK);
  const std::string piece(1 << 14, 'x');
  std::size_t sent = 0;
  for (int quiet = 0; quiet < 20 && sent < (256U << 20);) {
    const std::size_t count = client_->write_some(piece);
    sent += count;
    quiet = count > 0 ? 0 : quiet + 1;
    if (count == 0) std::this_thread::sleep_for(5ms);
  }
  EXPECT_LT(sent, 64U << 20) << "it never said stop";
  auto heard = std::async(std::launch::async, [&] { return server_->read_to_end().size(); });
  // The record that was begun is to be sent again.
  ::fcntl(client_->wire.fd(), F_SETFL, 0);
  ASSERT_TRUE(client_->write(piece));
  client_->say_end();
  EXPECT_EQ(heard.get(), sent + piece.size());
}

TEST_F(TlsRelayTest, ends_when_nobody_has_said_anything_for_too_long) {
  begin({150ms, 0});
  EXPECT_EQ(relayed().end, End::kIdle);
  bool clean = true;
  client_->read_to_end(&clean);
  EXPECT_FALSE(clean);
}

TEST_F(TlsRelayTest, ends_when_more_bytes_come_than_are_allowed) {
  begin({10min, 100'000});
  auto heard = std::async(std::launch::async, [&] { return server_->read_to_end().size(); });
  for (int i = 0; i < 100 && client_->write(std::string(10'000, 'x')); ++i) {
  }
  EXPECT_LT(heard.get(), 100'000U + (64U << 10));
  EXPECT_EQ(relayed().end, End::kTooMuch);
}

TEST_F(TlsRelayTest, closes_both_sockets_when_it_is_canceled) {
  begin();
  asio::post(io_, [this] { cancel_.emit(asio::cancellation_type::terminal); });
  relayed();
  EXPECT_TRUE(canceled_);
  EXPECT_FALSE(far_.is_open());
  EXPECT_FALSE(to_server_.is_open());
}

TEST_F(TlsRelayTest, holds_no_buffer_while_nothing_is_under_way) {
  begin();
  for (int i = 0; i < 10; ++i) {
    client_->write("hello");
    char five[5];
    ASSERT_EQ(::recv(server_->fd(), five, 5, MSG_WAITALL), 5);
    server_->write("hello");
    ASSERT_EQ(client_->read(5), "hello");
  }
  // What woke the relay up is behind it once this has had its turn.
  const auto until = std::chrono::steady_clock::now() + 5s;
  while (lent() != 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  EXPECT_EQ(lent(), 0U);
}

}  // namespace
}  // namespace pollux::egress
