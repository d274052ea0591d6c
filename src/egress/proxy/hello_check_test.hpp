#pragma once
// SPDX-License-Identifier: Apache-2.0
// A proxy whose one client has `sni: match`, with an upstream of bytes or of OpenSSL's. One thread.
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
#include <optional>

#include "egress/proxy/served_proxy_test.hpp"
#include "tests/support/authority.hpp"
#include "tests/support/client_hello.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::egress {

namespace ssl = asio::ssl;
using asio::ip::tcp;
using testing::AllOf;
using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

inline constexpr const char* kStands = "HTTP/1.1 200 Connection established\r\n\r\n";
inline const std::string kAlert("\x15\x03\x03\x00\x02\x02\x70", 7);

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

  // The server's side: says its word, hears all that comes, and is the one that ends first where the client
  // does not.
  Task<> hear() {
    tcp::socket socket = co_await upstream_.async_accept(asio::use_awaitable);
    boost::system::error_code ignored;
    co_await asio::async_write(socket, asio::buffer(says_),
                               asio::redirect_error(asio::use_awaitable, ignored));
    if (!says_end_ && server_ends_) socket.shutdown(tcp::socket::shutdown_send, ignored);
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
  std::string says_ = "hi";  // the server
  std::string heard_;
  std::string early_;
  bool says_end_ = true;     // the client
  bool server_ends_ = true;  // where the client does not
};

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
    const char* asked = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
    asked_for_ = asked == nullptr ? "" : asked;
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
    if (then_asks_for_) {
      SSL_set_msg_callback(stream.native_handle(), change_name);
      SSL_set_msg_callback_arg(stream.native_handle(), &*then_asks_for_);
    }
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

  // A client that has heard a ServerHello goes on with another name: that of its next hello, if there is one.
  static void change_name(int sent, int, int kind, const void* bytes, std::size_t size, SSL* ssl,
                          void* name) {
    if (sent != 0 || kind != SSL3_RT_HANDSHAKE || size == 0) return;
    if (*static_cast<const unsigned char*>(bytes) == SSL3_MT_SERVER_HELLO)
      SSL_set_tlsext_host_name(ssl, static_cast<std::string*>(name)->c_str());
  }

  std::optional<std::string> then_asks_for_;
  std::string asked_for_;  // as the server sees it
  test::Authority authority_;
  ssl::context server_{ssl::context::tls_server};
  ssl::context trusting_{ssl::context::tls_client};
};

}  // namespace pollux::egress
