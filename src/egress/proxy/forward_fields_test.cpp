// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/forward_fields.hpp"

#include <gtest/gtest.h>

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

TEST(ForwardFields, say_who_was_on_the_way) {
  http::fields fields;
  fields.insert("Via", "1.1 other");
  add_via(fields, 10);
  EXPECT_EQ(text_of(fields), "Via: 1.1 other\nVia: 1.0 pollux\n");
}

}  // namespace
}  // namespace pollux::egress
