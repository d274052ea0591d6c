// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.hpp"

#include <gtest/gtest.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

#include "net/served_test.hpp"
#include "tests/support/process.hpp"

namespace pollux::net {
namespace {

using namespace std::chrono_literals;

/// Answers with what it understood; /throw throws, /slow takes a while.
Task<ServerResponse> mirror(ServerRequest request) {
  if (request.path == "/throw") throw std::logic_error("a bug with details");
  if (request.path == "/slow") {
    asio::steady_timer timer(co_await asio::this_coro::executor, 1s);
    co_await timer.async_wait(asio::use_awaitable);
  }
  ServerResponse response;
  response.headers.emplace_back("Content-Type", "text/plain");
  if (auto split = request.query_value("header")) response.headers.emplace_back("X-Echo", *split);
  if (auto status = request.query_value("status")) response.status = std::stoi(*status);
  response.body = request.method + " " + request.path + " " + request.query_value("q").value_or("-") + " " +
                  std::string(request.header("x-name")) + " [" + request.body + "]";
  co_return response;
}

TEST(HttpServer, hands_method_path_query_headers_and_body_to_its_handler) {
  Served served(mirror);
  std::string request =
      "POST /a/b?q=x%20y HTTP/1.1\r\nHost: h\r\nX-Name: Pollux\r\nContent-Length: 5\r\n\r\nhello";
  Answer answer = ask(served.port(), request);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "POST /a/b x y Pollux [hello]");
  EXPECT_EQ(answer.header("Content-Type"), "text/plain");
  EXPECT_NE(answer.header("Date"), "(none)");
}

TEST(HttpServer, serves_many_requests_on_one_connection_pipelined_or_not) {
  Served served(mirror);
  RawClient client(served.port());
  for (int i = 0; i < 3; ++i) {
    client.send(get("/n" + std::to_string(i)));
    EXPECT_EQ(client.read_answer().body, "GET /n" + std::to_string(i) + " -  []");
  }
  client.send(get("/p1") + get("/p2"));
  EXPECT_EQ(client.read_answer().body, "GET /p1 -  []");
  EXPECT_EQ(client.read_answer().body, "GET /p2 -  []");
}

TEST(HttpServer, closes_when_the_client_asks_for_it_or_speaks_http_1_0) {
  Served served(mirror);
  for (const std::string& request :
       {get("/", "Connection: close\r\n"), std::string("GET / HTTP/1.0\r\n\r\n")}) {
    RawClient client(served.port());
    client.send(request);
    EXPECT_EQ(client.read_answer().status, 200);
    client.half_close();
    EXPECT_TRUE(client.sees_the_end());
  }
}

TEST(HttpServer, answers_head_and_304_with_a_head_alone) {
  Served served(mirror);
  RawClient client(served.port());
  client.send(get("/x", "", "HEAD"));
  Answer head = client.read_answer(true);
  EXPECT_EQ(head.header("Content-Length"), std::to_string(std::string("HEAD /x -  []").size()));
  client.send(get("/x?status=304"));
  Answer unchanged = client.read_answer(true);
  EXPECT_EQ(unchanged.status, 304);
  client.send(get("/after"));
  EXPECT_EQ(client.read_answer().body, "GET /after -  []")
      << "no byte of a body may be left on the connection";
}

TEST(HttpServer, reads_a_chunked_body_and_answers_an_expectation) {
  Served served(mirror);
  std::string chunked =
      "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  EXPECT_EQ(ask(served.port(), chunked).body, "POST /c -  [abcde]");
  RawClient client(served.port());
  client.send("POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_answer(true).status, 100);
  client.send("ok");
  EXPECT_EQ(client.read_answer().body, "POST /e -  [ok]");
}

TEST(HttpServer, a_throwing_handler_is_a_500_without_details_and_is_reported) {
  std::atomic<bool> reported = false;
  ServerOptions options;
  options.on_fault = [&](const std::string& what) {
    reported = what.find("a bug with details") != what.npos;
  };
  Served served(mirror, options);
  Answer answer = ask(served.port(), get("/throw"));
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body.find("bug"), std::string::npos);
  EXPECT_TRUE(reported);
}

TEST(HttpServer, leaves_out_a_header_that_would_split_the_answer) {
  Served served(mirror);
  Answer answer = ask(served.port(), get("/?header=a%0D%0ASet-Cookie:%20x=1"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.head.find("Set-Cookie"), std::string::npos);
}

TEST(HttpServer, stop_lets_a_busy_connection_finish_and_closes_idle_ones) {
  Served served(mirror);
  RawClient idle(served.port());
  idle.send(get("/"));
  EXPECT_EQ(idle.read_answer().status, 200);
  RawClient busy(served.port());
  busy.send(get("/slow"));
  RawClient probe(served.port());
  probe.send(get("/"));
  EXPECT_EQ(probe.read_answer().status, 200);  // by now /slow has been read as well
  served.stop();
  EXPECT_TRUE(idle.sees_the_end());
  Answer last = busy.read_answer();
  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(last.header("Connection"), "close");
  EXPECT_TRUE(test::eventually([&] { return served.ended(); }));
  EXPECT_FALSE(test::listening(served.port()));
}

TEST(HttpServer, being_canceled_cuts_what_is_busy) {
  Served served([](ServerRequest) -> Task<ServerResponse> {
    asio::steady_timer timer(co_await asio::this_coro::executor, 1h);
    co_await timer.async_wait(asio::use_awaitable);
    co_return ServerResponse{};
  });
  RawClient silent(served.port());
  RawClient busy(served.port());
  busy.send(get("/"));
  served.cancel();
  EXPECT_TRUE(busy.sees_the_end());
  EXPECT_TRUE(silent.sees_the_end());
  EXPECT_TRUE(test::eventually([&] { return served.ended(); }));
}

TEST(HttpServer, binds_the_next_port_when_one_is_taken) {
  Served taken(mirror);
  asio::io_context io;
  HttpServer server(io, mirror);
  auto refused = server.bind("127.0.0.1", taken.port());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("127.0.0.1:" + std::to_string(taken.port())), std::string::npos);
  auto bound = server.bind_first_free("127.0.0.1", taken.port(), 50);
  ASSERT_TRUE(bound) << bound.error().text();
  EXPECT_GT(*bound, taken.port());
}

TEST(HttpServer, says_what_is_wrong_with_a_host_or_a_certificate) {
  asio::io_context io;
  HttpServer plain(io, mirror);
  EXPECT_EQ(plain.bind("not a host", 0).error().kind, ErrorKind::kNetwork);
  ServerOptions options;
  options.tls = {"/nowhere/cert.pem", "/nowhere/key.pem"};
  HttpServer secure(io, mirror, options);
  auto bound = secure.bind("127.0.0.1", 0);
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().kind, ErrorKind::kUsage);
  EXPECT_NE(bound.error().message.find("/nowhere/cert.pem"), std::string::npos);
}

TEST(HttpServer, speaks_tls_with_a_client_that_trusts_its_certificate) {
  if (!test::find_program("openssl") || !test::find_program("curl"))
    GTEST_SKIP() << "openssl or curl is not installed";
  test::TempDir dir;
  std::string certificate = (dir / "cert.pem").string();
  std::string key = (dir / "key.pem").string();
  auto made = test::run_program(
      {{"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate},
       {},
       {}});
  ASSERT_EQ(made.exit, 0) << made.err;
  ServerOptions options;
  options.tls = {certificate, key};
  Served served(mirror, options);
  std::string url = "https://127.0.0.1:" + std::to_string(served.port()) + "/tls?q=1";
  auto curl = test::run_program({{"curl", "-sS", "--cacert", certificate, url, url}, {}, {}});
  EXPECT_EQ(curl.exit, 0) << curl.err;
  EXPECT_EQ(curl.out, "GET /tls 1  []GET /tls 1  []");
  auto plain = ask(served.port(), get("/"));
  EXPECT_EQ(plain.status, 0) << "plain text on a TLS port gets no answer";
}

}  // namespace
}  // namespace pollux::net
