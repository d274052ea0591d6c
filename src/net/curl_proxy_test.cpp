// SPDX-License-Identifier: Apache-2.0
// What is told of a proxy that is away, that says no, or that found nobody: each is another's to mend.
#include <gmock/gmock.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/curl_client.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/peers.hpp"
#include "tests/support/process.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::net {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

// A proxy that hears one head, says this, and closes.
class SayingProxy {
 public:
  explicit SayingProxy(std::string answer)
      : listener_([text = std::move(answer)](test::Socket client) { return say(client, text); }) {}
  Secret url() const { return Secret("http://user:pass-word@" + place()); }
  std::string place() const { return "127.0.0.1:" + std::to_string(listener_.port()); }

 private:
  static Task<> say(test::Socket client, std::string text) {
    std::string head;
    auto buffer = asio::dynamic_buffer(head, 1 << 16);
    co_await asio::async_read_until(*client, buffer, "\r\n\r\n", asio::use_awaitable);
    co_await asio::async_write(*client, asio::buffer(text), asio::use_awaitable);
  }
  test::Listener listener_;
};

Result<HttpResponse> send(HttpRequest request) {
  asio::io_context io;
  CurlClient curl(io);
  return test::run_task(io, curl.send(std::move(request)));
}

Error failure(const Secret& proxy, const std::string& url = "https://api.example:8443/") {
  HttpRequest request;
  request.url = url;
  request.way.proxy = proxy;
  auto answer = send(std::move(request));
  if (answer) return Error{ErrorKind::kInternal, "answered " + std::to_string(answer->status), {}, {}};
  EXPECT_THAT(answer.error().message, Not(HasSubstr("pass-word")));
  return answer.error();
}

std::string refusal(const std::string& status, const std::string& headers) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n" + headers + "\r\n";
}

TEST(CurlProxy, says_why_the_proxy_denied_a_host) {
  SayingProxy proxy(refusal("403 Forbidden",
                            "Proxy-Status: pollux; error=http_request_denied; details=\"not_allowed\"\r\n"));
  const Error error = failure(proxy.url());
  EXPECT_EQ(error.kind, ErrorKind::kProxy);
  EXPECT_EQ(error.retry, Retry::never()) << "a list does not change by being asked again";
  EXPECT_EQ(error.message,
            "the egress proxy " + proxy.place() +
                " denied api.example:8443 with 403: not_allowed (http_request_denied); it does "
                "not let this host through");
}

TEST(CurlProxy, says_what_squid_says_and_nothing_where_nothing_is_said) {
  EXPECT_THAT(
      failure(SayingProxy(refusal("403 Forbidden", "X-Squid-Error: ERR_ACCESS_DENIED 0\r\n")).url()).message,
      HasSubstr("with 403: ERR_ACCESS_DENIED 0; it does not"));
  EXPECT_THAT(failure(SayingProxy(refusal("403 Forbidden", "")).url()).message,
              HasSubstr("with 403; it does not"));
}

TEST(CurlProxy, says_what_the_nearest_of_several_proxies_says) {
  std::string lines;
  for (int i = 0; i < 6; ++i) lines += "Proxy-Status: far" + std::to_string(i) + "; error=dns_timeout\r\n";
  lines += "Proxy-Status: near; error=http_request_denied; details=\"port\"\r\n";
  EXPECT_THAT(failure(SayingProxy(refusal("403 Forbidden", lines)).url()).message,
              HasSubstr("with 403: port (http_request_denied); it does not"));
}

TEST(CurlProxy, takes_no_more_of_a_refusal_than_fits_into_a_line) {
  std::string headers = "X-Squid-Error: ERR\x01\xFF" + std::string(3000, 'y') + "\r\n";
  for (int i = 0; i < 500; ++i) headers += "X-Much: " + std::string(100, 'z') + "\r\n";
  const std::string message = failure(SayingProxy(refusal("403 Forbidden", headers)).url()).message;
  EXPECT_THAT(message, AllOf(HasSubstr("ERR??yyy"), Not(HasSubstr("zzz"))));
  EXPECT_LT(message.size(), 400U);
}

TEST(CurlProxy, says_that_the_credentials_were_refused) {
  const Error error = failure(
      SayingProxy(refusal("407 Proxy Authentication Required", "Proxy-Authenticate: Basic realm=\"a\"\r\n"))
          .url());
  EXPECT_EQ(error.kind, ErrorKind::kProxy);
  EXPECT_EQ(error.retry, Retry::never());
  EXPECT_THAT(error.message,
              AllOf(HasSubstr("refused the credentials with 407"), HasSubstr("user and password")));
}

// Not the proxy's to mend, and it may be better the next time.
TEST(CurlProxy, tells_what_lies_beyond_the_proxy_from_the_proxy) {
  Error error = failure(
      SayingProxy(refusal("502 Bad Gateway", "Proxy-Status: pollux; error=destination_unavailable\r\n"))
          .url());
  EXPECT_EQ(error.kind, ErrorKind::kNetwork);
  EXPECT_EQ(error.retry, Retry::later());
  EXPECT_THAT(error.message, AllOf(HasSubstr("answered 502 when asked for api.example:8443"),
                                   EndsWith(": destination_unavailable")));
  EXPECT_EQ(failure(SayingProxy(refusal("504 Gateway Timeout", "")).url()).kind, ErrorKind::kTimeout);
}

void expect_unreachable(const Error& error, const std::string& where) {
  EXPECT_EQ(error.kind, ErrorKind::kProxy) << error.message;
  EXPECT_EQ(error.retry, Retry::later()) << error.message;
  EXPECT_THAT(error.message, AllOf(HasSubstr("the egress proxy"), HasSubstr(where)));
}

TEST(CurlProxy, says_that_a_proxy_is_away) {
  for (const char* url : {"https://api.example/", "http://api.example/"}) {
    for (const char* scheme : {"http://", "https://", "socks5h://"}) {
      const std::string place = "127.0.0.1:" + std::to_string(test::free_port());
      expect_unreachable(failure(Secret(scheme + place), url), place + " could not be reached");
    }
    // No name server is asked for a label that is too long for one (RFC 1035, 2.3.4).
    const std::string name = std::string(64, 'p') + ".invalid:3128";
    expect_unreachable(failure(Secret("http://" + name), url), name + " was not found");
  }
}

TEST(CurlProxy, says_so_too_of_one_that_hangs_up_before_it_has_said_anything) {
  SayingProxy mute("");
  expect_unreachable(failure(mute.url()), mute.place() + " could not be reached");
  test::Listener closing([](test::Socket) -> Task<> { co_return; });
  const std::string place = "127.0.0.1:" + std::to_string(closing.port());
  for (const char* url : {"https://api.example/", "http://api.example/"})
    expect_unreachable(failure(Secret("https://" + place), url), place + " could not be reached");
}

// Whether it or what lies beyond is slow cannot be known: the message names both.
TEST(CurlProxy, says_that_a_proxy_did_not_answer_in_time) {
  test::Listener silent([](test::Socket client) -> Task<> {
    co_await client->async_wait(asio::ip::tcp::socket::wait_error, asio::use_awaitable);
  });
  HttpRequest request;
  request.url = "https://api.example/";
  request.way.proxy = Secret("http://127.0.0.1:" + std::to_string(silent.port()));
  request.connect_timeout = Millis(300);
  auto answer = send(std::move(request));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kTimeout);
  EXPECT_THAT(answer.error().message, HasSubstr("did not answer when asked for api.example"));
}

TEST(CurlProxy, keeps_what_the_proxy_says_of_a_tunnel_out_of_the_answer) {
  POLLUX_NEEDS_PROGRAM("nginx");
  test::Authority authority("Test CA");
  test::Nginx nginx({"ssl http2", "location / { return 200 'well\\n'; }", authority.issue("server"), {}});
  test::Listener proxy([&](test::Socket client) -> Task<> {
    std::string head;
    auto buffer = asio::dynamic_buffer(head, 1 << 16);
    co_await asio::async_read_until(*client, buffer, "\r\n\r\n", asio::use_awaitable);
    auto server = std::make_shared<asio::ip::tcp::socket>(client->get_executor());
    const asio::ip::tcp::endpoint to(asio::ip::address_v4::loopback(), nginx.port());
    co_await server->async_connect(to, asio::use_awaitable);
    const std::string stands = "HTTP/1.1 200 Yes\r\nX-Of-The-Proxy: 1\r\nProxy-Status: p; error=x\r\n\r\n";
    co_await asio::async_write(*client, asio::buffer(stands), asio::use_awaitable);
    co_await test::relay_both(client, server);
  });
  test::TempDir dir;
  HttpRequest request;
  request.url = "https://" + nginx.address() + "/";
  request.way.ca_file = dir.write("ca.pem", authority.certificate());
  request.way.proxy = Secret("http://127.0.0.1:" + std::to_string(proxy.port()));
  auto answer = send(std::move(request));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "well\n");
  EXPECT_EQ(answer->header("X-Of-The-Proxy"), "");
  EXPECT_EQ(answer->header("Proxy-Status"), "");
}

}  // namespace
}  // namespace pollux::net
