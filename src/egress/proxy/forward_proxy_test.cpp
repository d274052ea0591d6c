// SPDX-License-Identifier: Apache-2.0
// The proxy over real sockets: what passes, what does not, and what each side gets to see.
#include "egress/proxy/forward_proxy_test.hpp"

#include <gmock/gmock.h>

namespace pollux::egress {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST_F(ForwardProxyTest, makes_a_tunnel_and_says_so_in_one_line) {
  upstream_.answer = "what the server says";
  const std::string heard = ask(connect(upstream_.place(), "", "early\r\n\r\n"));
  EXPECT_EQ(heard, "HTTP/1.1 200 Connection established\r\n\r\nwhat the server says");
  EXPECT_EQ(upstream_.heard, "early\r\n\r\n") << "what came behind the head belongs to the server";
  EXPECT_THAT(lines_, Contains(AllOf(HasSubstr(R"("event":"egress")"), HasSubstr(R"("decision":"allow")"),
                                     HasSubstr(R"("client":"anybody")"), HasSubstr(R"("rule":"127.0.0.0/8")"),
                                     HasSubstr(R"("address":"127.0.0.1")"))));
}

TEST_F(ForwardProxyTest, refuses_what_no_rule_allows_without_naming_the_rules) {
  const std::string heard = ask(connect("elsewhere.example:443", "Connection: close\r\n"));
  EXPECT_THAT(heard, StartsWith("HTTP/1.1 403 Forbidden\r\n"));
  EXPECT_THAT(heard, AllOf(HasSubstr("application/problem+json"), HasSubstr(R"("reason":"not_allowed")")));
  EXPECT_THAT(heard,
              HasSubstr("Proxy-Status: pollux; error=http_request_denied; details=\"not_allowed\"\r\n"));
  EXPECT_THAT(heard, Not(HasSubstr("example.gov")));
  EXPECT_THAT(lines_, Contains(HasSubstr(R"("decision":"deny")")));
}

TEST_F(ForwardProxyTest, refuses_an_address_that_is_not_public) {
  clients({anybody(allowed({"0.0.0.0/0", "*.example.gov"}))});
  EXPECT_THAT(ask(connect(upstream_.place())),
              AllOf(HasSubstr(R"("reason":"not_public")"), HasSubstr("error=destination_ip_prohibited")));
  EXPECT_EQ(upstream_.heard, "");
}

// localhost is in every /etc/hosts: a name on the list does not make a private address good.
TEST_F(ForwardProxyTest, refuses_a_name_that_leads_to_an_address_that_is_not_public) {
  clients({anybody(allowed({"localhost"}))});
  const std::string heard = ask(connect("localhost:443"));
  EXPECT_THAT(heard, AllOf(HasSubstr("403"), HasSubstr(R"("reason":"not_public")")));
  EXPECT_THAT(lines_, Contains(HasSubstr(R"("address_is":"loopback")")));
}

TEST_F(ForwardProxyTest, wants_to_know_who_it_is) {
  ProxyClient poller = anybody(allowed({"127.0.0.0/8"}));
  poller.policy.name = "poller";
  poller.user = "poll";
  poller.password = Secret("a good password");
  clients({poller});
  const std::string nobody = ask(connect(upstream_.place(), "Connection: close\r\n"));
  EXPECT_THAT(nobody, AllOf(StartsWith("HTTP/1.1 407 "), HasSubstr("Proxy-Authenticate: Basic"),
                            HasSubstr("Proxy-Status: pollux; error=http_request_denied")));
  const std::string shown = "Proxy-Authorization: Basic " + base64("poll:a good password") + "\r\n";
  upstream_.answer = "yes";
  EXPECT_THAT(ask(connect(upstream_.place(), shown, "\r\n\r\n")), EndsWith("\r\n\r\nyes"));
  for (const std::string& line : lines_) EXPECT_THAT(line, Not(HasSubstr(base64("poll:a good password"))));
}

TEST_F(ForwardProxyTest, sends_a_plain_request_on_without_what_was_meant_for_itself) {
  const std::string heard =
      ask(get("http://" + upstream_.place() + "/a?b=c",
              "Connection: close, X-Mine\r\nX-Mine: 1\r\nProxy-Connection: keep-alive\r\nX-Theirs: 2\r\n"));
  EXPECT_THAT(upstream_.heard, StartsWith("GET /a?b=c HTTP/1.1\r\n"));
  EXPECT_THAT(upstream_.heard,
              AllOf(HasSubstr("Host: " + upstream_.place() + "\r\n"), HasSubstr("X-Theirs: 2"),
                    HasSubstr("Via: 1.1 pollux"), Not(HasSubstr("X-Mine")), Not(HasSubstr("Proxy"))));
  EXPECT_THAT(heard,
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Via: 1.1 pollux"), EndsWith("\r\n\r\nhi")));
}

TEST_F(ForwardProxyTest, takes_an_answer_in_chunks_and_one_without_a_length) {
  upstream_.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n3\r\n yo\r\n0\r\n\r\n";
  EXPECT_THAT(ask(get("http://" + upstream_.place() + "/")),
              AllOf(HasSubstr("hi"), HasSubstr(" yo"), EndsWith("0\r\n\r\n")));
  upstream_.answer = "HTTP/1.1 200 OK\r\n\r\nto the end";
  EXPECT_THAT(ask(get("http://" + upstream_.place() + "/", "")), EndsWith("\r\n\r\nto the end"));
}

TEST_F(ForwardProxyTest, gives_no_half_answer_out_as_a_whole_one) {
  upstream_.answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it";
  ask(get("http://" + upstream_.place() + "/"));
  EXPECT_EQ(end_, asio::error::connection_reset);
}

TEST_F(ForwardProxyTest, says_502_where_nothing_sensible_comes_back) {
  upstream_.answer = "no http at all\r\n\r\n";
  EXPECT_THAT(ask(get("http://" + upstream_.place() + "/")), StartsWith("HTTP/1.1 502 "));
}

TEST_F(ForwardProxyTest, takes_no_method_that_was_not_asked_for_by_the_operator) {
  const std::string post = "POST http://" + upstream_.place() +
                           "/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi";
  EXPECT_THAT(ask(post), StartsWith("HTTP/1.1 405 "));
  ProxyClient client = anybody(allowed({"127.0.0.0/8"}));
  client.methods.push_back(boost::beast::http::verb::post);
  clients({client});
  EXPECT_THAT(ask(post), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ForwardProxyTest, refuses_a_head_that_could_be_read_in_two_ways) {
  EXPECT_THAT(
      ask("GET http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
      AllOf(StartsWith("HTTP/1.1 400 "), HasSubstr("Connection: close")));
}

TEST_F(ForwardProxyTest, closes_a_head_that_does_not_end) {
  options_.head_timeout = std::chrono::milliseconds(100);
  ask("GET http://a/ HTTP/1.1\r\nHost:");
  EXPECT_EQ(end_, asio::error::eof);
}

TEST_F(ForwardProxyTest, lets_a_client_have_so_many_connections_and_no_more) {
  ProxyClient client = anybody(allowed({"127.0.0.0/8"}));
  client.most_connections = 0;
  clients({client});
  EXPECT_THAT(ask(connect(upstream_.place())), StartsWith("HTTP/1.1 503 "));
}

TEST_F(ForwardProxyTest, is_asked_whether_it_is_well) {
  EXPECT_THAT(ask("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), EndsWith("\r\n\r\nok\n"));
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 403 "));
}

}  // namespace
}  // namespace pollux::egress
