// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/forward_fields.hpp"

#include <gtest/gtest.h>

#include <boost/beast/http/empty_body.hpp>
#include <string>

namespace pollux::egress {
namespace {

namespace http = boost::beast::http;

std::string text_of(const http::fields& fields) {
  std::string out;
  for (const auto& field : fields)
    out += std::string(field.name_string()) + ": " + std::string(field.value()) + "\n";
  return out;
}

TEST(ForwardFields, drop_what_is_meant_for_this_hop) {
  http::fields fields;
  fields.insert("Accept", "*/*");
  fields.insert("Connection", "close, X-Mine");
  fields.insert("Connection", "x-other");
  fields.insert("X-Mine", "1");
  fields.insert("X-Other", "2");
  fields.insert("X-Theirs", "3");
  fields.insert("Keep-Alive", "timeout=5");
  fields.insert("Proxy-Authorization", "Basic c2VjcmV0");
  fields.insert("Proxy-Connection", "Keep-Alive");
  fields.insert("TE", "trailers");
  fields.insert("Trailer", "X-Sum");
  fields.insert("Upgrade", "websocket");
  drop_hop_by_hop(fields);
  EXPECT_EQ(text_of(fields), "Accept: */*\nX-Theirs: 3\n");
}

// Or the next one would read another message out of it.
TEST(ForwardFields, keep_what_frames_the_message_whatever_connection_says) {
  http::fields fields;
  fields.insert("Connection", "Content-Length, Host, transfer-encoding");
  fields.insert("Host", "api.example.gov");
  fields.insert("Content-Length", "5");
  drop_hop_by_hop(fields);
  EXPECT_EQ(text_of(fields), "Host: api.example.gov\nContent-Length: 5\n");
}

http::request<http::empty_body> options(const std::string& target, const std::string& hops = "") {
  http::request<http::empty_body> out(http::verb::options, target, 11);
  if (!hops.empty()) out.set("Max-Forwards", hops);
  return out;
}

TEST(ForwardFields, ask_for_a_whole_server_where_the_client_did) {
  EXPECT_EQ(onward_target(options("http://a.example:81"), *parse_http_url("http://a.example:81")), "*");
  EXPECT_EQ(onward_target(options("http://a.example/"), *parse_http_url("http://a.example/")), "/");
  EXPECT_EQ(onward_target(options("http://a.example?b"), *parse_http_url("http://a.example?b")), "/?b");
  auto get = options("http://a.example");
  get.method(http::verb::get);
  EXPECT_EQ(onward_target(get, *parse_http_url("http://a.example")), "/");
}

TEST(ForwardFields, count_the_proxies_that_an_options_may_still_pass) {
  auto request = options("http://a.example", "10");
  EXPECT_EQ(count_down(request), MaxForwards::kOn);
  EXPECT_EQ(request["Max-Forwards"], "9");
  request = options("http://a.example");
  EXPECT_EQ(count_down(request), MaxForwards::kOn);
  EXPECT_EQ(request.count("Max-Forwards"), 0U);
  request = options("http://a.example", "0");
  EXPECT_EQ(count_down(request), MaxForwards::kNoMore);
  for (const char* bad : {"x", "-1", "1 2", "99999999999999999999999"}) {
    request = options("http://a.example", bad);
    EXPECT_EQ(count_down(request), MaxForwards::kUnreadable) << bad;
  }
  request = options("http://a.example", "0");
  request.insert("Max-Forwards", "5");
  EXPECT_EQ(count_down(request), MaxForwards::kUnreadable);
  request = options("http://a.example", "0");
  request.method(http::verb::get);
  EXPECT_EQ(count_down(request), MaxForwards::kOn);
}

TEST(ForwardFields, say_who_was_on_the_way) {
  http::fields fields;
  fields.insert("Via", "1.1 other");
  add_via(fields, 10);
  EXPECT_EQ(text_of(fields), "Via: 1.1 other\nVia: 1.0 pollux\n");
}

}  // namespace
}  // namespace pollux::egress
