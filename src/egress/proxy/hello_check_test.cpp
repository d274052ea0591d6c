// SPDX-License-Identifier: Apache-2.0
// Tunnels of the proxy that must begin with TLS for their own host, over real sockets.
#include "egress/proxy/hello_check_test.hpp"

namespace pollux::egress {
namespace {

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

TEST_F(TlsThroughProxyTest, reaches_the_host_of_the_tunnel_and_no_other_behind_the_same_front_end) {
  EXPECT_EQ(get("localhost"), "secret");
  EXPECT_THAT(get("other.example"), HasSubstr("unrecognized name"));
  client_.policy.sni = SniCheck::kAny;
  EXPECT_EQ(get("other.example"), "secret") << "that is domain fronting";
}

}  // namespace
}  // namespace pollux::egress
