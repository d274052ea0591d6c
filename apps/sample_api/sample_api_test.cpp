// SPDX-License-Identifier: Apache-2.0
// The program itself, on a real port.
#include "apps/sample_api/sample_api.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "net/served_test.hpp"
#include "tests/support/process.hpp"

namespace pollux::sample_api {
namespace {

using net::ask;
using net::get;

class SampleApiTest : public testing::Test {
 protected:
  SampleApiTest() {
    if (!process_.wait_for_output("listening on 127.0.0.1:")) throw std::runtime_error(process_.err());
    port_ = static_cast<std::uint16_t>(std::stoi(process_.out().substr(process_.out().find(':') + 1)));
  }
  net::Answer with_body(const std::string& method, const std::string& target, const std::string& body,
                        const std::string& type = "application/json") {
    return ask(port_, method + " " + target + " HTTP/1.1\r\nHost: h\r\nContent-Type: " + type +
                          "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  int status(const std::string& target, const std::string& more = "") {
    return ask(port_, get(target, more)).status;
  }

  test::TempDir page_;
  test::Process process_{
      {{POLLUX_BINARY_DIR "/sample-api", "--fixed", "--page", page_.path().string()}, {}, {}}};
  std::uint16_t port_ = 0;
};

TEST_F(SampleApiTest, checks_keys_basic_auth_and_bodies) {
  EXPECT_EQ(status("/key"), 401);
  EXPECT_EQ(status("/key?api_key=sample-key"), 200);
  EXPECT_EQ(status("/key", "X-Api-Key: sample-key\r\n"), 200);
  EXPECT_EQ(status("/basic"), 401);
  EXPECT_EQ(status("/basic", "Authorization: Basic c2FtcGxlLXVzZXI6c2FtcGxlLXBhc3N3b3Jk\r\n"), 200);
  EXPECT_EQ(status("/bearer", "Authorization: Bearer x\r\n"), 401);
  EXPECT_EQ(with_body("POST", "/json", "{\"a\":1}").body, R"({"received":{"a":1}})");
  EXPECT_EQ(with_body("POST", "/json", "{", "application/json").status, 400);
  EXPECT_EQ(with_body("POST", "/json", "{}", "text/plain").status, 415);
  EXPECT_EQ(with_body("POST", "/form", "a=1+2", "application/x-www-form-urlencoded").body,
            R"({"received":{"a":"1 2"}})");
  EXPECT_EQ(ask(port_, get("/big?bytes=5000")).body.size(), 5000U);
  EXPECT_EQ(ask(port_, get("/redirect?to=/x")).header("Location"), "/x");
  EXPECT_NE(ask(port_, get("/items?total=3&per_page=2&page=2")).body.find("\"next\":null"),
            std::string::npos);
  EXPECT_EQ(status("/nothing"), 404);
}

TEST_F(SampleApiTest, spoils_answers_on_request_counts_them_and_goes_back_to_normal) {
  EXPECT_EQ(
      with_body("PUT", "/_fault", R"({"match":"/echo","fault":"status","status":500,"times":1})").status,
      204);
  EXPECT_EQ(status("/echo"), 500);
  EXPECT_EQ(status("/echo"), 200);
  EXPECT_EQ(with_body("PUT", "/_fault", R"({"fault":"nonsense"})").status, 400);
  EXPECT_EQ(with_body("PUT", "/_fault", R"({"fault":"html"})").status, 204);
  EXPECT_EQ(ask(port_, get("/echo")).header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(ask(port_, get("/_fault", "", "DELETE")).status, 204);
  EXPECT_EQ(status("/echo"), 200);
  EXPECT_THAT(
      ask(port_, get("/_stats")).body,
      testing::StartsWith(R"({"requests":{"/echo":4},"total":4,"tokens":0,"tokens_issued":[],"faults":2)"));
}

TEST_F(SampleApiTest, serves_the_page_and_nothing_beside_it) {
  page_.write("index.html", "<p>page</p>");
  page_.write("secret.txt", "no");
  net::Answer answer = ask(port_, get("/page/"));
  EXPECT_EQ(answer.body, "<p>page</p>");
  EXPECT_EQ(answer.header("Content-Security-Policy").find("default-src 'none'; script-src 'self'"), 0U);
  for (const char* target :
       {"/page/secret.txt", "/page/../main.cpp", "/page/%2e%2e/x.html", "/page/.x.html"}) {
    EXPECT_EQ(status(target), 404) << target;
  }
}

TEST_F(SampleApiTest, ends_on_sigterm_even_while_an_answer_stalls) {
  EXPECT_EQ(with_body("PUT", "/_fault", R"({"fault":"stall"})").status, 204);
  net::RawClient client(port_);
  client.send(get("/echo"));
  process_.signal(SIGTERM);
  EXPECT_EQ(process_.wait(std::chrono::seconds(10)), 0);
}

}  // namespace
}  // namespace pollux::sample_api
