// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/kept_server.hpp"

#include <gmock/gmock.h>

#include <boost/asio/detached.hpp>

#include "egress/proxy/forward_proxy_test.hpp"

namespace pollux::egress {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using Verb = boost::beast::http::verb;

constexpr const char* kHi = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

// Answers every request of every connection, and counts.
class Server {
 public:
  explicit Server(asio::io_context& io) : io_(io), acceptor_(io, {asio::ip::address_v4::loopback(), 0}) {}

  std::string place() const { return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }
  std::string answer = kHi;
  bool closes = false;  // behind each answer, without a word
  int connections = 0;
  int ended = 0;
  std::vector<std::string> heard;

  Task<> serve() {
    for (;;) {
      tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
      ++connections;
      asio::co_spawn(io_, converse(std::move(socket)), asio::detached);
    }
  }

 private:
  Task<> converse(tcp::socket socket) {
    std::string come;
    boost::system::error_code error;
    while (!error) {
      auto bytes = asio::dynamic_buffer(come);
      auto token = asio::redirect_error(asio::use_awaitable, error);
      const std::size_t head = co_await asio::async_read_until(socket, bytes, "\r\n\r\n", token);
      if (error) break;
      heard.push_back(come.substr(0, head));
      come.erase(0, head);
      co_await asio::async_write(socket, asio::buffer(answer), token);
      if (closes) break;
    }
    socket.close();
    ++ended;
  }

  asio::io_context& io_;
  tcp::acceptor acceptor_;
};

class KeptServerTest : public ForwardProxyTest {
 protected:
  using Between = std::function<Task<>()>;

  std::string url() const { return "http://" + server_.place() + "/"; }

  // One after the other over one connection of the client's; the answers.
  std::vector<std::string> talk_of(const std::vector<std::string>& requests, const Between& between = {}) {
    ServedProxy proxy(io_, options_, clients_, logger_);
    proxy_ = &proxy;
    asio::co_spawn(io_, server_.serve(), asio::detached);
    auto heard = test::run_task(io_, talk_all(proxy.port(), requests, between), std::chrono::seconds(20));
    proxy.stop();
    return heard;
  }
  Task<std::vector<std::string>> talk_all(std::uint16_t port, const std::vector<std::string>& requests,
                                          const Between& between) {
    tcp::socket socket(io_);
    const tcp::endpoint place(asio::ip::address_v4::loopback(), port);
    co_await socket.async_connect(place, asio::use_awaitable);
    std::vector<std::string> out;
    std::string come;
    for (const std::string& request : requests) {
      if (!out.empty() && between) co_await between();
      co_await asio::async_write(socket, asio::buffer(request), asio::use_awaitable);
      auto bytes = asio::dynamic_buffer(come);
      const std::size_t head =
          co_await asio::async_read_until(socket, bytes, "\r\n\r\n", asio::use_awaitable);
      const auto length = come.find("Content-Length: ");
      const std::size_t body =
          length < head && !request.starts_with("HEAD") ? std::stoul(come.substr(length + 16)) : 0;
      if (come.size() < head + body) {
        auto missing = asio::transfer_exactly(head + body - come.size());
        co_await asio::async_read(socket, bytes, missing, asio::use_awaitable);
      }
      out.push_back(come.substr(0, head + body));
      come.erase(0, head + body);
    }
    co_return out;
  }
  int connections_for(const std::string& first, const std::string& second) {
    const auto heard = talk_of({first, second});
    for (const std::string& answer : heard) EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
    return server_.connections;
  }

  Server server_{io_};
  ServedProxy* proxy_ = nullptr;  // while it is talked to
};

TEST_F(KeptServerTest, serves_the_next_request_to_the_same_place) {
  EXPECT_EQ(connections_for(get(url(), ""), get(url() + "more", "")), 1);
  ASSERT_EQ(server_.heard.size(), 2U);
  EXPECT_THAT(server_.heard[0], testing::Not(HasSubstr("Connection")));
  EXPECT_THAT(server_.heard[1], StartsWith("GET /more HTTP/1.1\r\n"));
  int decisions = 0;
  for (const std::string& line : lines_)
    decisions += line.find(R"("address":"127.0.0.1")") != std::string::npos ? 1 : 0;
  EXPECT_EQ(decisions, 2) << "each request is judged and has its line";
}

TEST_F(KeptServerTest, ends_where_the_server_says_so) {
  server_.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";
  EXPECT_EQ(connections_for(get(url(), ""), get(url(), "")), 2);
}

TEST_F(KeptServerTest, ends_with_an_old_server) {
  server_.answer = "HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi";
  EXPECT_EQ(connections_for(get(url(), ""), get(url(), "")), 2);
}

TEST_F(KeptServerTest, is_not_taken_where_it_ended_without_a_word) {
  server_.closes = true;
  const auto heard = talk_of({get(url(), ""), get(url(), "")}, [this]() -> Task<> {
    while (server_.ended == 0) co_await asio::post(io_, asio::use_awaitable);
  });
  EXPECT_THAT(heard, ElementsAre(StartsWith("HTTP/1.1 200 "), StartsWith("HTTP/1.1 200 ")));
  EXPECT_EQ(server_.connections, 2);
}

TEST_F(KeptServerTest, that_says_more_than_it_was_asked_for_is_not_asked_again) {
  server_.answer = std::string(kHi) + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
  const auto heard = talk_of({get(url(), ""), get(url(), "")});
  EXPECT_THAT(heard, ElementsAre(testing::EndsWith("\r\n\r\nhi"), testing::EndsWith("\r\n\r\nhi")));
  EXPECT_EQ(server_.connections, 2);
}

TEST_F(KeptServerTest, is_for_gets_whose_answer_has_a_body) {
  const std::string head = "HEAD " + url() + " HTTP/1.1\r\nHost: a\r\n\r\n";
  server_.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
  EXPECT_EQ(connections_for(head, head), 2);
  EXPECT_THAT(server_.heard[0], HasSubstr("Connection: close\r\n"));
}

TEST_F(KeptServerTest, is_for_no_answer_that_has_none) {
  server_.answer = "HTTP/1.1 304 Not Modified\r\n\r\n";
  talk_of({get(url(), ""), get(url(), "")});
  EXPECT_EQ(server_.connections, 2);
}

TEST_F(KeptServerTest, is_for_no_other_client_of_the_same_connection) {
  ProxyClient one = anybody(allowed({"127.0.0.0/8"}));
  one.user = "one";
  one.password = Secret("a-good-password");
  ProxyClient two = anybody(allowed({"127.0.0.0/8"}));
  two.policy.name = "two";
  clients({one, two});
  const std::string credentials = "Proxy-Authorization: Basic b25lOmEtZ29vZC1wYXNzd29yZA==\r\n";
  EXPECT_EQ(connections_for(get(url(), credentials), get(url(), "")), 2);
}

TEST_F(KeptServerTest, is_judged_by_the_lists_of_now) {
  const auto heard = talk_of({get(url(), ""), get(url(), "")}, [this]() -> Task<> {
    proxy_->replace(std::make_shared<const Clients>(std::vector{anybody(allowed({"elsewhere.example"}))}));
    co_return;
  });
  EXPECT_THAT(heard, ElementsAre(StartsWith("HTTP/1.1 200 "), StartsWith("HTTP/1.1 403 ")));
  EXPECT_EQ(server_.heard.size(), 1U);
}

TEST(KeptServer, is_taken_by_who_left_it_for_where_it_leads_while_it_is_young) {
  asio::io_context io;
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  const Target target{"a.example", acceptor.local_endpoint().port(), std::nullopt};
  KeptServer kept{"one", target, *IpAddress::parse("127.0.0.1"), boost::beast::tcp_stream(io)};
  kept.stream.socket().connect(acceptor.local_endpoint());
  EXPECT_TRUE(kept.serves("one", target));
  EXPECT_FALSE(kept.serves("two", target));
  EXPECT_FALSE(kept.serves("one", {"b.example", target.port, std::nullopt}));
  EXPECT_FALSE(kept.serves("one", {"a.example", 1, std::nullopt}));
  kept.since -= std::chrono::seconds(4);
  EXPECT_FALSE(kept.serves("one", target));
}

}  // namespace
}  // namespace pollux::egress
