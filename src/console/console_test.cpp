// SPDX-License-Identifier: Apache-2.0
// The console behind a real socket.
#include "console/console.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>

#include "net/served_test.hpp"

namespace pollux::console {
namespace {

using net::ask;
using net::get;

using Files = std::map<std::string, std::string>;

Task<Result<std::optional<StoredObject>>> read_from(Files files, std::string key) {
  if (key.ends_with("broken.json")) co_return fail(ErrorKind::kStorage, "disk /secret/place is on fire");
  auto found = files.find(key);
  if (found == files.end()) co_return std::nullopt;
  co_return StoredObject{found->second, "application/json", "max-age=30"};
}

class ConsoleTest : public testing::Test {
 protected:
  static Options options(std::vector<PublicStore> stores) { return {"127.0.0.1", std::move(stores)}; }

  DataSource source() {
    DataSource out;
    out.status = [this] {
      StatusView view;
      view.ready = ready_;
      view.draining = draining_;
      view.polls.push_back({});
      view.polls[0].name = "wait-times";
      return view;
    };
    out.read = [](std::string store, std::string path) {
      Files files = {{"local:a/b.json", "{\"b\":1}"}, {"other:x.json", "{}"}};
      return read_from(std::move(files), store + ":" + path);
    };
    return out;
  }
  int status(const std::string& target, const std::string& method = "GET") {
    return ask(served_.port(), get(target, "", method), method == "HEAD").status;
  }

  std::atomic<bool> ready_ = true;
  std::atomic<bool> draining_ = false;
  Console console_{options({{"local", {}}}), source()};
  net::Served served_{console_.handler()};
};

TEST_F(ConsoleTest, shows_its_page_and_the_same_as_json) {
  auto page = ask(served_.port(), get("/"));
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("wait-times"), std::string::npos);
  std::string policy = page.header("Content-Security-Policy");
  EXPECT_EQ(policy.find("default-src 'none'"), 0U);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(page.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(ask(served_.port(), get("/console.css")).header("Content-Type"), "text/css; charset=utf-8");
  EXPECT_EQ(ask(served_.port(), get("/status.json")).header("Content-Type"), "application/json");
  EXPECT_EQ(status("/nothing"), 404);
}

TEST_F(ConsoleTest, is_healthy_at_once_and_ready_only_between_starting_and_draining) {
  ready_ = false;
  EXPECT_EQ(ask(served_.port(), get("/healthz")).body, "ok\n");
  EXPECT_EQ(status("/readyz"), 503);
  ready_ = true;
  EXPECT_EQ(status("/readyz"), 200);
  draining_ = true;
  EXPECT_EQ(status("/readyz"), 503);
  EXPECT_EQ(status("/healthz"), 200);
}

TEST_F(ConsoleTest, does_not_answer_to_a_foreign_name_but_for_public_objects_and_health) {
  auto as_evil = [&](const std::string& target) {
    return ask(served_.port(), "GET " + target + " HTTP/1.1\r\nHost: evil.example\r\n\r\n").status;
  };
  EXPECT_EQ(as_evil("/"), 421);
  EXPECT_EQ(as_evil("/status.json"), 421);
  EXPECT_EQ(as_evil("/public/a/b.json"), 200);
  EXPECT_EQ(as_evil("/healthz"), 200);
}

TEST_F(ConsoleTest, serves_objects_and_refuses_to_write_them) {
  auto object = ask(served_.port(), get("/public/a/b.json?cache=no"));
  EXPECT_EQ(object.body, "{\"b\":1}");
  EXPECT_EQ(object.header("Cache-Control"), "max-age=30");
  auto head = ask(served_.port(), get("/public/a/b.json", "", "HEAD"), true);
  EXPECT_EQ(head.header("Content-Length"), "7");
  EXPECT_EQ(head.header("ETag"), object.header("ETag"));
  auto again =
      ask(served_.port(), get("/public/a/b.json", "If-None-Match: " + object.header("ETag") + "\r\n"), true);
  EXPECT_EQ(again.status, 304);
  for (const char* method : {"PUT", "POST", "DELETE", "TRACE"}) {
    auto refused = ask(served_.port(), get("/public/a/b.json", "Content-Length: 0\r\n", method));
    EXPECT_EQ(refused.status, 405) << method;
    EXPECT_EQ(refused.header("Allow"), "GET, HEAD, OPTIONS");
  }
  EXPECT_EQ(status("/", "POST"), 405);
}

TEST_F(ConsoleTest, answers_a_preflight) {
  std::string more =
      "Origin: https://usa.gov\r\nAccess-Control-Request-Method: GET\r\n"
      "Access-Control-Request-Headers: content-type\r\n";
  auto answer = ask(served_.port(), get("/public/a/b.json", more, "OPTIONS"), true);
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.header("Access-Control-Allow-Headers"), "content-type");
  EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "*");
}

TEST_F(ConsoleTest, refuses_every_way_out_of_the_store) {
  for (const char* target :
       {"/public/../a/b.json", "/public/%2e%2e/a/b.json", "/public/a%2fb.json", "/public/a/b.json%00",
        "/public/a\\b.json", "/public/.a", "/public/", "/public"}) {
    EXPECT_EQ(status(target), 404) << target;
  }
}

TEST_F(ConsoleTest, a_store_that_cannot_be_read_is_a_503_without_details) {
  auto answer = ask(served_.port(), get("/public/broken.json"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body.find("secret"), std::string::npos);
}

TEST_F(ConsoleTest, several_stores_are_served_by_name_each_with_its_own_origins) {
  Console several(options({{"local", {}}, {"other", {"https://usa.gov"}}}), source());
  net::Served served(several.handler());
  EXPECT_EQ(ask(served.port(), get("/public/local/a/b.json")).body, "{\"b\":1}");
  auto other = ask(served.port(), get("/public/other/x.json", "Origin: https://evil.example\r\n"));
  EXPECT_EQ(other.status, 200);
  EXPECT_EQ(other.header("Access-Control-Allow-Origin"), "(none)");
  EXPECT_EQ(ask(served.port(), get("/public/a/b.json")).status, 404);
}

}  // namespace
}  // namespace pollux::console
