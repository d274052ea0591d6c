// SPDX-License-Identifier: Apache-2.0
// What a hostile or broken peer may try, and what an HttpServer does on request when it plays one itself.
#include <gtest/gtest.h>

#include <vector>

#include "net/http_server.hpp"
#include "net/served_test.hpp"
#include "tests/support/process.hpp"

namespace pollux::net {
namespace {

using namespace std::chrono_literals;

Task<ServerResponse> ok(ServerRequest request) {
  co_return ServerResponse{200, {}, "ok " + std::to_string(request.body.size()), {}};
}

ServerOptions narrow() {
  ServerOptions options;
  options.max_header = Bytes{2048};
  options.max_body = Bytes{1000};
  return options;
}

ServerOptions impatient() {
  ServerOptions options = narrow();
  options.header_timeout = 100ms;
  options.body_timeout = 100ms;
  options.idle_timeout = 100ms;
  return options;
}

TEST(HttpServerLimits, cuts_a_peer_that_never_ends_its_head) {
  Served served(ok, impatient());
  RawClient drip(served.port());
  std::thread slow([&] {
    for (char c : std::string("GET / HTTP/1.1\r\nHost: h\r\nX-A: ") + std::string(2000, 'a')) {
      if (!drip.send(std::string_view(&c, 1))) return;
      std::this_thread::sleep_for(10ms);
    }
  });
  RawClient silent(served.port());
  EXPECT_TRUE(silent.sees_the_end());
  slow.join();
  EXPECT_TRUE(drip.sees_the_end()) << "a byte every 10 ms must not keep a head open";
}

TEST(HttpServerLimits, cuts_a_peer_that_never_ends_its_body_or_never_asks_again) {
  Served served(ok, impatient());
  RawClient body(served.port());
  body.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc");
  EXPECT_TRUE(body.sees_the_end());
  RawClient idle(served.port());
  idle.send(get("/"));
  EXPECT_EQ(idle.read_answer().status, 200);
  EXPECT_TRUE(idle.sees_the_end());
}

TEST(HttpServerLimits, tells_what_was_too_much_or_wrong_and_closes) {
  Served served(ok, narrow());
  const std::vector<std::pair<int, std::string>> cases = {
      {431, "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(5000, 'x') + "\r\n\r\n"},
      {431, "GET /" + std::string(5000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n"},
      {413, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x')},
      {413, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" +
                std::string(2000, 'x') + "\r\n0\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
      {400, "nonsense\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: h\r\nBad Header: x\r\n\r\n"},
      {400, "GET nopath HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"},
      {505, "GET / HTTP/3.0\r\nHost: h\r\n\r\n"},
  };
  for (const auto& [status, request] : cases) {
    RawClient client(served.port());
    client.send(request);
    Answer answer = client.read_answer();
    EXPECT_EQ(answer.status, status) << request.substr(0, 60);
    EXPECT_EQ(answer.header("Connection"), "close");
    client.half_close();
    EXPECT_TRUE(client.sees_the_end());
  }
}

TEST(HttpServerLimits, a_request_with_both_lengths_is_never_read_in_two_ways) {
  Served served(ok, narrow());
  RawClient client(served.port());
  client.send(
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
      get("/smuggled"));
  EXPECT_EQ(client.read_answer().status, 400);
}

TEST(HttpServerLimits, the_answer_arrives_although_a_huge_body_was_not_read) {
  Served served(ok, narrow());
  RawClient client(served.port());
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n");
  client.send(std::string(3000000, 'x'));
  EXPECT_EQ(client.read_answer().status, 413);
}

TEST(HttpServerLimits, answers_a_peer_that_has_closed_its_half) {
  Served served(ok, narrow());
  RawClient client(served.port());
  client.send(get("/"));
  client.half_close();
  EXPECT_EQ(client.read_answer().body, "ok 0");
  RawClient cut(served.port());
  cut.send("GET / HT");
  cut.half_close();
  EXPECT_TRUE(cut.sees_the_end());
}

TEST(HttpServerLimits, serves_500_connections_at_once) {
  Served served(ok);
  std::vector<RawClient> clients;
  for (int i = 0; i < 500; ++i) clients.emplace_back(served.port());
  for (auto& client : clients) client.send(get("/"));
  for (auto& client : clients) EXPECT_EQ(client.read_answer().status, 200);
}

TEST(HttpServerLimits, makes_the_ones_above_its_bound_wait_and_serves_them_later) {
  ServerOptions options;
  options.max_connections = 2;
  Served served(ok, options);
  std::vector<RawClient> first;
  for (int i = 0; i < 2; ++i) {
    first.emplace_back(served.port());
    first.back().send(get("/"));
    EXPECT_EQ(first.back().read_answer().status, 200);
  }
  RawClient third(served.port());
  third.send(get("/"));
  first.clear();
  EXPECT_EQ(third.read_answer().status, 200);
}

Task<ServerResponse> misbehaving(Misbehavior how) {
  co_return ServerResponse{200, {{"Content-Type", "application/json"}}, "0123456789", std::move(how)};
}

std::string spoken(const Misbehavior& how) {
  Served served([how](ServerRequest) { return misbehaving(how); });
  RawClient client(served.port());
  client.send(get("/"));
  return client.read_all();
}

TEST(Misbehavior, announces_more_than_it_sends) {
  Misbehavior how;
  how.stop_after = 4;
  std::string text = spoken(how);
  EXPECT_NE(text.find("Content-Length: 10\r\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n0123")) << text;
}

TEST(Misbehavior, stalls_in_the_middle_drips_or_sends_anything) {
  Misbehavior stall;
  stall.stop_after = 3;
  stall.end = Misbehavior::End::kStall;
  stall.stall = 150ms;
  auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(spoken(stall).ends_with("\r\n\r\n012"));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 150ms);
  Misbehavior drip;
  drip.drip = 50;
  drip.drip_pause = 1ms;
  EXPECT_TRUE(spoken(drip).ends_with("\r\n\r\n0123456789"));
  Misbehavior raw;
  raw.raw = "SMTP? 220\r\n";
  EXPECT_EQ(spoken(raw), "SMTP? 220\r\n");
}

TEST(Misbehavior, resets_the_connection) {
  Misbehavior how;
  how.stop_after = 0;
  how.end = Misbehavior::End::kReset;
  Served served([how](ServerRequest) { return misbehaving(how); });
  RawClient client(served.port());
  client.send(get("/"));
  EXPECT_TRUE(client.sees_the_end());
}

}  // namespace
}  // namespace pollux::net
