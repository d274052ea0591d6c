// SPDX-License-Identifier: Apache-2.0
// More connections than the proxy takes: who has asked for nothing makes room, who is served stays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <deque>

#include "egress/proxy/proxy_thread_test.hpp"
#include "egress/proxy/served_proxy_test.hpp"
#include "tests/support/process.hpp"
#include "tests/support/tls_client.hpp"

namespace pollux::egress {
namespace {

using namespace std::chrono_literals;
using asio::ip::tcp;
using testing::EndsWith;
using testing::StartsWith;

constexpr const char* kAsk = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

// Nothing here ends by itself within the time that a test has.
ProxyOptions room_for(std::size_t connections) {
  ProxyOptions out;
  out.most_connections = connections;
  out.head_timeout = out.keep_alive = out.answer_timeout = 10min;
  return out;
}

std::shared_ptr<const Clients> anybody() {
  ProxyClient client;
  client.policy.name = "anybody";
  client.policy.allow = allowed({"127.0.0.0/8"});
  return std::make_shared<const Clients>(std::vector{client});
}

class CrowdTest : public testing::Test {
 protected:
  void begin(std::size_t connections) { proxy_.emplace(room_for(connections), anybody()); }
  test::Wire& come(std::string_view bytes) {
    test::Wire& out = wires_.emplace_back(test::connect_to(proxy_->place().port()));
    out.write(bytes);
    return out;
  }
  bool full(std::size_t connections) {
    return test::eventually([&] { return proxy_->connections() == connections; });
  }
  std::string place() const { return "127.0.0.1:" + std::to_string(upstream_.local_endpoint().port()); }

  asio::io_context io_;
  tcp::acceptor upstream_{io_, {asio::ip::address_v4::loopback(), 0}};
  std::optional<ProxyThread> proxy_;
  std::deque<test::Wire> wires_;  // gone before the proxy is stopped
};

TEST_F(CrowdTest, heads_that_never_end_hold_up_nobody) {
  begin(4);
  for (int i = 0; i < 12; ++i) come("G");
  EXPECT_THAT(come(kAsk).read_to_end(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(CrowdTest, who_has_waited_for_longest_goes_first) {
  begin(2);
  test::Wire& first = come("G");
  ASSERT_TRUE(full(1));
  test::Wire& second = come("G");
  ASSERT_TRUE(full(2));
  EXPECT_THAT(come(kAsk).read_to_end(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(first.read_to_end(), "");
  second.write(kAsk + 1);
  EXPECT_THAT(second.read_to_end(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(CrowdTest, a_tunnel_that_stands_goes_for_nobody) {
  begin(2);
  const test::Wire& tunnel = come("CONNECT " + place() + " HTTP/1.1\r\nHost: a\r\n\r\n");
  tcp::socket server = upstream_.accept();
  for (int i = 0; i < 6; ++i) come("G");
  EXPECT_THAT(come(kAsk).read_to_end(), StartsWith("HTTP/1.1 200 "));
  tunnel.write("still");
  std::string heard(5, ' ');
  asio::read(server, asio::buffer(heard));
  EXPECT_EQ(heard, "still");
}

TEST_F(CrowdTest, who_has_been_served_makes_room_for_who_came_meanwhile) {
  begin(1);
  const test::Wire& served = come("GET http://" + place() + "/ HTTP/1.1\r\nHost: a\r\n\r\n");
  tcp::socket server = upstream_.accept();
  std::string head;
  asio::read_until(server, asio::dynamic_buffer(head), "\r\n\r\n");
  const test::Wire& next = come(kAsk);
  // Two rounds of the proxy's loop: it has seen who waits.
  proxy_->connections();
  proxy_->connections();
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
  asio::write(server, asio::buffer(answer));
  EXPECT_THAT(next.read_to_end(), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(served.read_to_end(), EndsWith("hi"));
}

}  // namespace
}  // namespace pollux::egress
