// SPDX-License-Identifier: Apache-2.0
// How plain requests end that do not end well: what the client gets, the log says and is counted.
#include <gmock/gmock.h>

#include "egress/proxy/forward_proxy_test.hpp"

namespace pollux::egress {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Verb = boost::beast::http::verb;

class PlainEndTest : public ForwardProxyTest {
 protected:
  std::string url() const { return "http://" + upstream_.place() + "/"; }
  std::string answered(const std::string& answer) {
    lines_.clear();
    upstream_.answer = answer;
    return ask(get(url()));
  }
  void expect_unreached(const std::string& how, const std::string& why) {
    EXPECT_THAT(lines_,
                Contains(AllOf(HasSubstr(R"("event":"egress_unreached")"), HasSubstr(upstream_.place()),
                               HasSubstr(R"("client":"anybody")"), HasSubstr(why)))
                    .Times(1));
    EXPECT_THAT(metrics_, HasSubstr(R"(unreached_total{client="anybody",how=")" + how + R"("} 1)"));
  }
};

TEST_F(PlainEndTest, what_is_no_answer_is_said_and_counted) {
  EXPECT_THAT(answered("no http at all\r\n\r\n"), StartsWith("HTTP/1.1 502 "));
  expect_unreached("network", "did not answer well");
  EXPECT_THAT(answered(""), StartsWith("HTTP/1.1 502 "));
  expect_unreached("network", "closed the connection without an answer");
  EXPECT_THAT(answered("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na"),
              StartsWith("HTTP/1.1 502 "));
  expect_unreached("network", "more than one Content-Length");
}

TEST_F(PlainEndTest, silence_is_said_and_counted) {
  options_.answer_timeout = std::chrono::milliseconds(100);
  upstream_.stays = true;
  EXPECT_THAT(answered(""), StartsWith("HTTP/1.1 504 "));
  expect_unreached("timeout", "nothing more came for 100 ms");
}

TEST_F(PlainEndTest, half_an_answer_is_said_and_counted) {
  answered("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it");
  EXPECT_EQ(end_, asio::error::connection_reset);
  expect_unreached("network", "in the middle of its answer");
}

TEST_F(PlainEndTest, an_answer_of_more_than_is_allowed_is_said_and_counted) {
  ProxyClient client = anybody(allowed({"127.0.0.0/8"}));
  client.most_bytes = 4;
  clients({client});
  EXPECT_THAT(answered("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), StartsWith("HTTP/1.1 502 "));
  expect_unreached("network", "longer than the 4 bytes");
  answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
  expect_unreached("network", "longer than the 4 bytes");
}

TEST_F(PlainEndTest, a_request_whose_body_does_not_come_is_refused_and_counted) {
  options_.answer_timeout = std::chrono::milliseconds(100);
  let_only(Verb::post);
  EXPECT_THAT(ask("POST " + url() + " HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf"),
              StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(lines_, Contains(AllOf(HasSubstr(R"("event":"egress_refused")"), HasSubstr("408"))));
  EXPECT_THAT(lines_, Not(Contains(HasSubstr("egress_unreached"))));
  EXPECT_THAT(metrics_, HasSubstr(R"(refused_total{status="408"} 1)"));
}

TEST_F(PlainEndTest, a_good_answer_is_no_trouble) {
  EXPECT_THAT(answered("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), EndsWith("hi"));
  EXPECT_THAT(lines_, Not(Contains(AnyOf(HasSubstr("egress_unreached"), HasSubstr("egress_left")))));
}

// A socket that is closed upon unread bytes is reset, and with it what of the answer the client has not read
// yet.
TEST_F(PlainEndTest, an_answer_is_heard_to_its_end_whatever_the_client_still_sends) {
  EXPECT_THAT(ask(get(url()) + std::string(100'000, 'x')), EndsWith("\r\n\r\nhi"));
  EXPECT_EQ(end_, asio::error::eof);
  EXPECT_EQ(trouble_, 0);
}

TEST_F(PlainEndTest, who_is_still_sending_hears_that_it_is_too_much) {
  let_only(Verb::post);
  upstream_.answer = "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  EXPECT_THAT(ask("POST " + url() + " HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n" +
                  std::string(500'000, 'x')),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_EQ(end_, asio::error::eof);
  EXPECT_EQ(trouble_, 0);
}

TEST_F(PlainEndTest, a_tunnel_that_is_cut_is_counted_as_ended) {
  ServedProxy proxy(io_, options_, clients_, logger_);
  bytes_ = connect(upstream_.place(), "");
  upstream_.stays = true;
  upstream_.answer = "";
  asio::co_spawn(io_, upstream_.serve_one(), asio::detached);
  tcp::socket socket(io_);
  test::run_task(io_, stand(socket, proxy.port()));
  EXPECT_THAT(proxy.metrics(), HasSubstr(R"(pollux_egress_tunnels{client="anybody"} 1)"));
  proxy.cut();
  EXPECT_THAT(proxy.metrics(), AllOf(HasSubstr(R"(pollux_egress_tunnels{client="anybody"} 0)"),
                                     HasSubstr(R"(tunnels_ended_total{client="anybody",end="reset"} 1)")));
}

}  // namespace
}  // namespace pollux::egress
