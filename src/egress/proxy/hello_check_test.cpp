// SPDX-License-Identifier: Apache-2.0
// Tunnels of the proxy that must begin with TLS for their own host, over real sockets.
#include "egress/proxy/hello_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <functional>

#include "egress/proxy/served_proxy_test.hpp"
#include "tests/support/authority.hpp"
#include "tests/support/client_hello.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::egress {
namespace {

namespace ssl = asio::ssl;
using asio::ip::tcp;
using testing::AllOf;
using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kStands = "HTTP/1.1 200 Connection established\r\n\r\n";
const std::string kAlert("\x15\x03\x03\x00\x02\x02\x70", 7);

class HelloCheckTest : public testing::Test {
 protected:
  HelloCheckTest() {
    client_.policy.name = "app";
    client_.policy.allow = allowed({"127.0.0.0/8", "localhost"});
    client_.policy.sni = SniCheck::kMatch;
    client_.policy.sni_ports = PortSet::all();
  }

  std::string target(const std::string& host = "localhost") const {
    return host + ":" + std::to_string(upstream_.local_endpoint().port());
  }

  // A proxy for as long as `what` takes.
  template <class T>
  T with_proxy(std::function<Task<T>(std::uint16_t)> what) {
    std::vector<ProxyClient> clients;
    clients.push_back(client_);
    ServedProxy proxy(io_, options_, std::make_shared<const Clients>(std::move(clients)), logger_);
    return test::run_task(io_, what(proxy.port()), std::chrono::seconds(20));
  }

  // The server's side: says "hi", hears all that comes, and is the one that ends first where the client does
  // not.
  Task<> hear() {
    tcp::socket socket = co_await upstream_.async_accept(asio::use_awaitable);
    boost::system::error_code ignored;
    co_await asio::async_write(socket, asio::buffer("hi", 2),
                               asio::redirect_error(asio::use_awaitable, ignored));
    if (!says_end_) socket.shutdown(tcp::socket::shutdown_send, ignored);
    co_await asio::async_read(socket, asio::dynamic_buffer(heard_),
                              asio::redirect_error(asio::use_awaitable, ignored));
  }

  Task<tcp::socket> connected(std::uint16_t port, const std::string& authority) {
    tcp::socket socket(io_);
    co_await socket.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
    const std::string head = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n" + early_;
    co_await asio::async_write(socket, asio::buffer(head), asio::use_awaitable);
    co_return socket;
  }

  // Opens a tunnel, sends the pieces, each when the one before is out, and reads until the end.
  Task<std::string> talk(std::uint16_t port, std::string authority, std::vector<std::string> pieces) {
    tcp::socket socket = co_await connected(port, authority);
    std::string answer;
    boost::system::error_code ignored;
    co_await asio::async_read_until(socket, asio::dynamic_buffer(answer), "\r\n\r\n", asio::use_awaitable);
    for (const std::string& piece : pieces)
      co_await asio::async_write(socket, asio::buffer(piece),
                                 asio::redirect_error(asio::use_awaitable, ignored));
    if (says_end_) socket.shutdown(tcp::socket::shutdown_send, ignored);
    co_await asio::async_read(socket, asio::dynamic_buffer(answer),
                              asio::redirect_error(asio::use_awaitable, ignored));
    co_return answer;
  }

  std::string ask(std::vector<std::string> pieces, const std::string& host = "localhost") {
    heard_.clear();
    asio::co_spawn(io_, hear(), asio::detached);
    return with_proxy<std::string>(
        [this, pieces, host](std::uint16_t port) { return talk(port, target(host), pieces); });
  }

  asio::io_context io_;
  std::vector<std::string> lines_;
  Redactor redactor_;
  log::Logger logger_{log::Level::kDebug, log::Logger::Format::kJson, redactor_,
                      [this](log::Level, std::string_view line) { lines_.emplace_back(line); }};
  ProxyOptions options_;
  ProxyClient client_;
  tcp::acceptor upstream_{io_, {asio::ip::address_v4::loopback(), 0}};
  std::string heard_;
  std::string early_;
  bool says_end_ = true;  // the client
};

TEST_F(HelloCheckTest, lets_a_hello_for_the_host_pass_with_all_that_comes_behind_it) {
  const std::string hello = test::make_client_hello({.server_name = "LocalHost"});
  EXPECT_EQ(ask({hello, "and more"}), std::string(kStands) + "hi");
  EXPECT_EQ(heard_, hello + "and more");
  EXPECT_THAT(lines_, Not(Contains(HasSubstr(R"("reason":"sni")"))));
}

TEST_F(HelloCheckTest, takes_a_hello_that_came_with_the_head_or_in_pieces) {
  const std::string hello =
      test::in_records(test::make_client_hello({.server_name = "localhost", .padding = 9000}), 700);
  early_ = hello;
  EXPECT_THAT(ask({}), EndsWith("hi"));
  EXPECT_EQ(heard_, hello);
  early_ = hello.substr(0, 3);
  EXPECT_THAT(ask({hello.substr(3, 5000), hello.substr(5003)}), EndsWith("hi"));
  EXPECT_EQ(heard_, hello);
}

TEST_F(HelloCheckTest, cuts_a_tunnel_that_asks_for_another_host) {
  const std::string hello = test::make_client_hello({.server_name = "hidden.example"});
  EXPECT_EQ(ask({hello}), kStands + kAlert);
  EXPECT_EQ(heard_, "") << "nothing went to the other side";
  EXPECT_THAT(lines_, Contains(AllOf(HasSubstr(R"("event":"egress")"), HasSubstr(R"("decision":"deny")"),
                                     HasSubstr(R"("reason":"sni")"), HasSubstr(R"("sni":"other_name")"),
                                     HasSubstr(R"("server_name":"hidden.example")"),
                                     HasSubstr(R"("address":"127.0.0.1")"), HasSubstr(R"("client":"app")"))));
}

TEST_F(HelloCheckTest, cuts_a_tunnel_that_names_no_host_or_is_no_tls) {
  EXPECT_EQ(ask({test::make_client_hello({})}), kStands + kAlert);
  EXPECT_THAT(lines_, Contains(HasSubstr(R"("sni":"no_name")")));
  EXPECT_EQ(ask({"GET / HTTP/1.1\r\nHost: hidden.example\r\n\r\n"}), kStands);
  EXPECT_THAT(lines_, Contains(HasSubstr(R"("sni":"not_tls")")));
  EXPECT_EQ(heard_, "");
}

TEST_F(HelloCheckTest, wants_no_name_for_an_address_and_takes_no_other) {
  EXPECT_THAT(ask({test::make_client_hello({})}, "127.0.0.1"), EndsWith("hi"));
  EXPECT_THAT(ask({test::make_client_hello({.server_name = "hidden.example"})}, "127.0.0.1"),
              EndsWith(kAlert));
}

TEST_F(HelloCheckTest, waits_for_a_hello_no_longer_than_for_a_head) {
  options_.head_timeout = std::chrono::milliseconds(100);
  says_end_ = false;
  EXPECT_EQ(ask({}), kStands);
  EXPECT_EQ(ask({test::make_client_hello({.server_name = "localhost"}).substr(0, 50)}), kStands);
  EXPECT_EQ(heard_, "");
  EXPECT_THAT(lines_, Contains(HasSubstr(R"("sni":"no_hello")")).Times(2));
}

TEST_F(HelloCheckTest, says_nothing_of_a_tunnel_that_was_opened_and_left) {
  EXPECT_EQ(ask({}), kStands);
  EXPECT_THAT(lines_, Not(Contains(HasSubstr(R"("reason":"sni")"))));
}

TEST_F(HelloCheckTest, only_reports_in_report_mode_and_spoils_nothing) {
  client_.policy.mode = Mode::kReport;
  const std::string hello = test::make_client_hello({.server_name = "other.example"});
  EXPECT_THAT(ask({hello}), EndsWith("hi"));
  EXPECT_EQ(heard_, hello);
  EXPECT_THAT(lines_, Contains(AllOf(HasSubstr(R"("decision":"would_deny")"), HasSubstr("other.example"))));
  // A server that speaks first: the tunnel still stands after the wait for a hello.
  options_.head_timeout = std::chrono::milliseconds(100);
  says_end_ = false;
  EXPECT_THAT(ask({}), EndsWith("hi"));
}

TEST_F(HelloCheckTest, looks_at_no_tunnel_to_another_port) {
  client_.policy.sni_ports = PortSet::of_https();
  EXPECT_THAT(ask({"no tls"}), EndsWith("hi"));
  EXPECT_EQ(heard_, "no tls");
}

// The same with TLS that stands: a server with a certificate, and a client that checks it.
class TlsThroughProxyTest : public HelloCheckTest {
 protected:
  // The certificate is good for localhost and for other.example, as that of a front end is.
  TlsThroughProxyTest() {
    const test::Identity server = authority_.issue("localhost", {"other.example"});
    server_.use_certificate_chain(asio::buffer(server.certificate));
    server_.use_private_key(asio::buffer(server.key), ssl::context::pem);
    trusting_.add_certificate_authority(asio::buffer(authority_.certificate()));
    trusting_.set_verify_mode(ssl::verify_peer);
  }

  Task<> serve_tls() {
    ssl::stream<tcp::socket> stream(co_await upstream_.async_accept(asio::use_awaitable), server_);
    boost::system::error_code error;
    co_await stream.async_handshake(ssl::stream_base::server,
                                    asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    co_await asio::async_write(stream, asio::buffer("secret", 6),
                               asio::redirect_error(asio::use_awaitable, error));
  }

  // What the server says, or why there was no handshake.
  Task<std::string> get(std::uint16_t port, std::string server_name) {
    tcp::socket socket = co_await connected(port, target());
    std::string answer;
    co_await asio::async_read_until(socket, asio::dynamic_buffer(answer), "\r\n\r\n", asio::use_awaitable);
    ssl::stream<tcp::socket> stream(std::move(socket), trusting_);
    SSL_set_tlsext_host_name(stream.native_handle(), server_name.c_str());
    stream.set_verify_callback(ssl::host_name_verification(server_name));
    boost::system::error_code error;
    co_await stream.async_handshake(ssl::stream_base::client,
                                    asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return error.message();
    std::string said(6, ' ');
    co_await asio::async_read(stream, asio::buffer(said), asio::redirect_error(asio::use_awaitable, error));
    co_return said;
  }

  std::string get(const std::string& server_name) {
    asio::co_spawn(io_, serve_tls(), asio::detached);
    return with_proxy<std::string>([&](std::uint16_t port) { return get(port, server_name); });
  }

  test::Authority authority_;
  ssl::context server_{ssl::context::tls_server};
  ssl::context trusting_{ssl::context::tls_client};
};

TEST_F(TlsThroughProxyTest, reaches_the_host_of_the_tunnel_and_no_other_behind_the_same_front_end) {
  EXPECT_EQ(get("localhost"), "secret");
  EXPECT_THAT(get("other.example"), HasSubstr("unrecognized name"));
  client_.policy.sni = SniCheck::kAny;
  EXPECT_EQ(get("other.example"), "secret") << "that is domain fronting";
}

}  // namespace
}  // namespace pollux::egress
