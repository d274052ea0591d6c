// SPDX-License-Identifier: Apache-2.0
// Servers that want a second ClientHello (HelloRetryRequest, RFC 8446, 4.1.4), in tunnels that must ask for
// their own host. OpenSSL's servers go by the name in the second.
#include "egress/proxy/hello_check_test.hpp"

namespace pollux::egress {
namespace {

// A record with the beginning of a ServerHello: its random is what tells.
const std::string kRetry(
    "\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03"
    "\xCF\x21\xAD\x74\xE5\x9A\x61\x11\xBE\x1D\x8C\x02\x1E\x65\xB8\x91"
    "\xC2\xA2\x11\x16\x7A\xBB\x8C\x5E\x07\x9E\x09\xE2\xC8\xA8\x33\x9C"
    "\x00\x13\x01\x00",
    47);
const std::string kCcs("\x14\x03\x03\x00\x01\x01", 6);

// The client offers X25519 first, and the server takes P-256 alone.
class HelloRetryTest : public TlsThroughProxyTest {
 protected:
  HelloRetryTest() {
    SSL_CTX_set1_groups_list(server_.native_handle(), "P-256");
    SSL_CTX_set1_groups_list(trusting_.native_handle(), "X25519:P-256");
  }
};

TEST_F(HelloRetryTest, lets_a_client_pass_that_asks_for_the_host_twice) {
  EXPECT_EQ(get("localhost"), "secret");
  EXPECT_EQ(asked_for_, "localhost");
  EXPECT_THAT(lines_, Not(Contains(HasSubstr(R"("reason":"sni")"))));
}

TEST_F(HelloRetryTest, cuts_a_tunnel_whose_second_hello_asks_for_another_host) {
  then_asks_for_ = "other.example";
  EXPECT_THAT(get("localhost"), HasSubstr("unrecognized name"));
  EXPECT_THAT(lines_, Contains(AllOf(HasSubstr(R"("decision":"deny")"), HasSubstr(R"("sni":"other_name")"),
                                     HasSubstr(R"("server_name":"other.example")"))));
  client_.policy.sni = SniCheck::kAny;
  EXPECT_EQ(get("localhost"), "secret");
  EXPECT_EQ(asked_for_, "other.example") << "that is what the server goes by";
}

TEST_F(HelloRetryTest, only_reports_it_in_report_mode) {
  then_asks_for_ = "other.example";
  client_.policy.mode = Mode::kReport;
  EXPECT_EQ(get("localhost"), "secret");
  EXPECT_THAT(lines_, Contains(AllOf(HasSubstr(R"("decision":"would_deny")"), HasSubstr("other.example"))));
}

TEST_F(HelloRetryTest, looks_no_further_where_the_server_wants_no_second_hello) {
  SSL_CTX_set1_groups_list(server_.native_handle(), "X25519");
  then_asks_for_ = "other.example";
  EXPECT_EQ(get("localhost"), "secret");
  EXPECT_EQ(asked_for_, "localhost");
}

// One who knows what the server will say need not wait for it.
TEST_F(HelloRetryTest, judges_a_second_hello_that_came_with_the_first) {
  const std::string first = test::make_client_hello({.server_name = "localhost"});
  const std::string second = test::make_client_hello({.server_name = "other.example"});
  says_ = kRetry;
  for (const std::vector<std::string>& pieces :
       {std::vector{first + kCcs + second}, {first, kCcs, second}, {first, second}}) {
    EXPECT_EQ(ask(pieces), kStands + kRetry + kAlert);
    EXPECT_EQ(heard_, first);
  }
}

TEST_F(HelloRetryTest, passes_the_second_hello_on_with_all_around_it) {
  const std::string first = test::make_client_hello({.server_name = "localhost"});
  const std::string early("\x17\x03\x03\x00\x05later", 10);
  const std::string second =
      test::in_records(test::make_client_hello({.server_name = "localhost", .padding = 9000}), 700);
  says_ = kRetry;
  EXPECT_EQ(ask({first + kCcs + early + second + "and more"}), kStands + kRetry);
  EXPECT_EQ(heard_, first + kCcs + early + second + "and more");
}

TEST_F(HelloRetryTest, wants_a_whole_second_hello) {
  const std::string first = test::make_client_hello({.server_name = "localhost"});
  says_ = kRetry;
  EXPECT_EQ(ask({first + "GET / HTTP/1.1\r\n\r\n"}), kStands + kRetry);
  EXPECT_THAT(lines_, Contains(HasSubstr(R"("sni":"not_tls")")));
  EXPECT_EQ(ask({first + first.substr(0, 60)}), kStands + kRetry);
  EXPECT_THAT(lines_, Contains(HasSubstr(R"("sni":"no_hello")")));
  EXPECT_EQ(heard_, first);
}

TEST_F(HelloRetryTest, says_when_the_server_does_not_answer_a_hello) {
  options_.idle_timeout = std::chrono::milliseconds(100);
  says_.clear();
  says_end_ = false;
  server_ends_ = false;
  EXPECT_EQ(ask({test::make_client_hello({.server_name = "localhost"})}), kStands);
  EXPECT_THAT(lines_, Contains(AllOf(HasSubstr("egress_unreached"), HasSubstr("did not answer"))));
}

}  // namespace
}  // namespace pollux::egress
