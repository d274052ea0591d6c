// SPDX-License-Identifier: Apache-2.0
// Clients and upstreams that would have the proxy, or who stands behind it, take one message for two, half of
// one for the whole, or hold more than they were given.
#include <gmock/gmock.h>

#include "egress/proxy/forward_proxy_test.hpp"

namespace pollux::egress {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class HostileExchange : public ForwardProxyTest {
 protected:
  std::string url() const { return "http://" + upstream_.place() + "/"; }
  // A request of HTTP/1.1 that ends the connection behind it.
  std::string request(const std::string& method, const std::string& headers,
                      const std::string& body = "") const {
    return method + " " + url() + " HTTP/1.1\r\nHost: a\r\n" + headers + "Connection: close\r\n\r\n" + body;
  }
  // One byte after 700 ms, then nothing until the proxy closes.
  Task<> late(std::uint16_t port) {
    tcp::socket socket(io_);
    co_await socket.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
    asio::steady_timer timer(io_, std::chrono::milliseconds(700));
    co_await timer.async_wait(asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer("G", 1), asio::use_awaitable);
    std::string heard;
    co_await asio::async_read(socket, asio::dynamic_buffer(heard),
                              asio::redirect_error(asio::use_awaitable, end_));
  }
  std::string answered(const std::string& answer) {
    upstream_.answer = answer;
    return ask(request("GET", ""));
  }
};

TEST_F(HostileExchange, a_refusal_of_head_has_no_body_to_be_taken_for_the_next_answer) {
  const std::string head = "HEAD http://10.0.0.1/ HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string heard = ask(head + request("GET", ""));
  EXPECT_THAT(heard, StartsWith("HTTP/1.1 403 "));
  const std::string behind = heard.substr(heard.find("\r\n\r\n") + 4);
  EXPECT_THAT(behind, StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HostileExchange, bytes_behind_a_refused_connect_are_no_request) {
  const std::string refused = connect("10.0.0.1:443", "");
  EXPECT_THAT(ask(refused + request("GET", "")),
              AllOf(StartsWith("HTTP/1.1 403 "), Not(HasSubstr("200 OK"))));
  EXPECT_EQ(upstream_.heard, "");
  EXPECT_EQ(end_, asio::error::eof) << "and the refusal is heard to its end";
  EXPECT_EQ(trouble_, 0);
}

TEST_F(HostileExchange, a_chunk_s_extension_fills_no_memory) {
  let_only(boost::beast::http::verb::post);
  const std::string heard =
      ask(request("POST", "Transfer-Encoding: chunked\r\n", "5;a=" + std::string(100'000, 'a')));
  EXPECT_THAT(heard, StartsWith("HTTP/1.1 400 "));
}

TEST_F(HostileExchange, an_answer_of_two_lengths_is_none) {
  for (const char* framing : {"Transfer-Encoding: gzip\r\nContent-Length: 2\r\n",
                              "Transfer-Encoding: identity\r\nContent-Length: 2\r\n",
                              "Content-Length: 2\r\nContent-Length: 2\r\n", "Transfer-Encoding: gzip\r\n"}) {
    EXPECT_THAT(answered(std::string("HTTP/1.1 200 OK\r\n") + framing + "\r\nhi"),
                StartsWith("HTTP/1.1 502 "))
        << framing;
  }
  EXPECT_THAT(answered("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 502 "));
}

TEST_F(HostileExchange, an_old_client_is_given_no_chunks) {
  upstream_.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n3\r\n yo\r\n0\r\n\r\n";
  const std::string heard = ask("GET " + url() + " HTTP/1.0\r\n\r\n");
  EXPECT_THAT(heard, AllOf(EndsWith("\r\n\r\nhi yo"), Not(HasSubstr("chunked"))));
}

TEST_F(HostileExchange, who_waits_to_be_told_to_go_on_is_told) {
  options_.answer_timeout = std::chrono::milliseconds(200);
  let_only(boost::beast::http::verb::post);
  const std::string heard = ask(request("POST", "Expect: 100-continue\r\nContent-Length: 2\r\n"));
  EXPECT_THAT(heard, StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 408 ")) << "its body never comes";
  EXPECT_THAT(upstream_.heard, Not(HasSubstr("Expect")));
}

TEST_F(HostileExchange, an_old_client_is_never_told_to_go_on) {
  options_.answer_timeout = std::chrono::milliseconds(200);
  let_only(boost::beast::http::verb::post);
  const std::string head = "POST " + url() + " HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  EXPECT_THAT(ask(head), StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(ask(head + "hi"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HostileExchange, an_answer_without_a_body_has_no_length) {
  EXPECT_THAT(answered("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 204 "), Not(HasSubstr("Content-Length")), EndsWith("\r\n\r\n")));
  EXPECT_THAT(answered("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
              HasSubstr("Content-Length: 5"))
      << "of what it would be (RFC 9110, 8.6)";
}

TEST_F(HostileExchange, an_options_goes_as_far_as_it_may) {
  let_only(boost::beast::http::verb::options);
  const std::string bare =
      "OPTIONS http://" + upstream_.place() + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
  EXPECT_THAT(ask(bare + "Max-Forwards: 0\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("Allow: CONNECT, OPTIONS\r\n")));
  EXPECT_EQ(upstream_.heard, "");
  EXPECT_THAT(ask(bare + "Max-Forwards: many\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask(bare + "Max-Forwards: 1\r\n\r\n"), EndsWith("hi"));
  EXPECT_THAT(upstream_.heard, AllOf(StartsWith("OPTIONS * HTTP/1.1\r\n"), HasSubstr("Max-Forwards: 0\r\n")));
}

TEST_F(HostileExchange, a_first_head_has_one_time_from_the_start) {
  options_.head_timeout = std::chrono::seconds(1);
  ServedProxy proxy(io_, options_, clients_, logger_);
  const auto began = std::chrono::steady_clock::now();
  test::run_task(io_, late(proxy.port()), std::chrono::seconds(20));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(1600));
}

TEST_F(HostileExchange, a_connection_header_that_cannot_be_read_hides_nothing) {
  EXPECT_THAT(ask(get(url(), "Connection: @, X-Hop\r\nX-Hop: 1\r\n")), StartsWith("HTTP/1.1 400 "));
}

TEST_F(HostileExchange, a_request_that_goes_round_is_stopped) {
  const std::string via = "Via: 1.1 pollux, 1.1 pollux, 1.1 pollux\r\nVia: 1.1 pollux, 1.1 pollux\r\n";
  EXPECT_THAT(ask(request("GET", via)), StartsWith("HTTP/1.1 508 "));
}

TEST_F(HostileExchange, a_head_that_takes_too_long_is_told_so) {
  options_.head_timeout = std::chrono::milliseconds(100);
  EXPECT_THAT(ask("GET http://a/ HTTP/1.1\r\nHost:"), StartsWith("HTTP/1.1 408 "));
}

TEST_F(HostileExchange, an_answer_is_cut_where_it_is_more_than_allowed) {
  ProxyClient client = anybody(allowed({"127.0.0.0/8"}));
  client.most_bytes = 4;
  clients({client});
  EXPECT_THAT(answered("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), StartsWith("HTTP/1.1 502 "));
  answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
  EXPECT_EQ(end_, asio::error::connection_reset);
}

TEST_F(HostileExchange, no_password_and_no_raw_byte_of_a_target_is_in_the_log) {
  ask(connect("u:hunter2@10.0.0.1:443"));
  ask(connect("\xff\xfe.example:443"));
  EXPECT_THAT(lines_, Each(AllOf(Not(HasSubstr("hunter2")), Not(HasSubstr("\xff")))));
  EXPECT_THAT(lines_, Contains(HasSubstr("***@10.0.0.1:443")));
}

TEST_F(HostileExchange, other_methods_are_told_which_there_are) {
  EXPECT_THAT(ask(request("DELETE", "")),
              AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: CONNECT, GET, HEAD")));
}

}  // namespace
}  // namespace pollux::egress
