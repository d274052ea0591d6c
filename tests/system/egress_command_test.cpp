// SPDX-License-Identifier: Apache-2.0
// `pollux egress` as its operator meets it: lists that change under it, signals, exit codes, its log.
#include <gmock/gmock.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <csignal>

#include "base/encoding.hpp"
#include "tests/support/ask.hpp"
#include "tests/support/listener.hpp"
#include "tests/system/egress_caller.hpp"
#include "tests/system/egress_process.hpp"
#include "tests/system/markers.hpp"

namespace pollux::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class EgressCommandTest : public testing::Test {
 protected:
  std::string echo() const { return "127.0.0.1:" + std::to_string(echo_.port()); }

  void lists(const std::string& rules) const { dir_.write("allow.acl", rules + "\n"); }
  Process::Options command(Words words = {}) const {
    words.insert(words.begin(), {program("pollux"), "egress"});
    return {std::move(words), variables_, dir_.path()};
  }
  /// Lets anybody reach what allow.acl says, which is this machine.
  void write_file() const {
    dir_.write(
        "egress.yaml",
        "listen: 127.0.0.1:0\nclients:\n  anybody:\n    ports: 1-65535\n    allow_files: [allow.acl]\n");
    lists("127.0.0.1");
  }
  std::string answer(EgressProcess& proxy, const std::string& headers = "") const {
    return Caller(proxy.port()).connect_to(echo(), headers);
  }
  static std::string shown(const std::string& credentials) {
    return "Proxy-Authorization: Basic " + base64(credentials) + "\r\n";
  }
  int exit_of(Words words = {}) const { return run_program(command(std::move(words))).exit; }

  Listener echo_{[](Socket client) -> Task<> {
    std::array<char, 4096> part{};
    for (;;) {
      const std::size_t count = co_await client->async_read_some(asio::buffer(part), asio::use_awaitable);
      co_await asio::async_write(*client, asio::buffer(part.data(), count), asio::use_awaitable);
    }
  }};
  TempDir dir_;
  Variables variables_;
};

constexpr const char* kStands = "HTTP/1.1 200 ";
constexpr const char* kDenied = "HTTP/1.1 403 ";

TEST_F(EgressCommandTest, reads_changed_lists_and_drops_no_tunnel) {
  write_file();
  EgressProcess proxy(command());
  const Caller tunnel(proxy.port());
  ASSERT_THAT(tunnel.connect_to(echo()), StartsWith(kStands));

  lists("elsewhere.example");
  proxy.process().signal(SIGHUP);
  ASSERT_TRUE(proxy.process().wait_for_output("SIGHUP: the lists of 1 client"));
  EXPECT_THAT(answer(proxy), StartsWith(kDenied));
  EXPECT_TRUE(tunnel.is_echoed()) << "a tunnel stays as it was begun";

  const Caller other(proxy.port());
  lists("127.0.0.1 # nobody tells it");
  ASSERT_TRUE(eventually([&] { return answer(proxy).starts_with(kStands); }));
  EXPECT_THAT(proxy.said(), HasSubstr("a file has changed"));
  EXPECT_THAT(other.connect_to(echo()), StartsWith(kStands)) << "of a connection that stood before, too";
  EXPECT_TRUE(tunnel.is_echoed());
}

TEST_F(EgressCommandTest, keeps_the_lists_of_before_when_new_ones_are_bad) {
  write_file();
  EgressProcess proxy(command());
  lists("127.0.0.1\nhttps://a.example/path\n");
  proxy.process().signal(SIGHUP);
  ASSERT_TRUE(proxy.process().wait_for_output("SIGHUP: not taken"));
  EXPECT_THAT(proxy.said(), HasSubstr("allow.acl:2"));
  EXPECT_THAT(answer(proxy), StartsWith(kStands));
  dir_.write("egress.yaml", "clients: {}");
  proxy.process().signal(SIGHUP);
  ASSERT_TRUE(proxy.process().wait_for_output("egress.yaml:1"));
  EXPECT_THAT(answer(proxy), StartsWith(kStands));
}

TEST_F(EgressCommandTest, takes_the_place_of_the_proxy_that_is_configured_by_its_environment) {
  const std::string port = std::to_string(free_port());
  variables_ = {{"PROXY_ALLOW", "127.0.0.1 *.example.org"},
                {"PROXY_DENY", "127.0.0.2 bad.example.org"},
                {"PROXY_PORTS", std::to_string(echo_.port())},
                {"PROXY_USERNAME", "cf-user"},
                {"PROXY_PASSWORD", "cf password"},
                {"PORT", port}};
  EgressProcess proxy(command({"--from-environment"}));
  EXPECT_EQ(proxy.port(), port);
  const std::string own = shown("cf-user:cf password");
  EXPECT_THAT(answer(proxy, own), StartsWith(kStands));
  EXPECT_THAT(answer(proxy), StartsWith("HTTP/1.1 407 "));
  for (const char* host : {"127.0.0.2", "bad.example.org", "elsewhere.example"}) {
    const std::string target = std::string(host) + ":" + std::to_string(echo_.port());
    EXPECT_THAT(Caller(port).connect_to(target, own), StartsWith(kDenied)) << host;
  }
  EXPECT_THAT(Caller(port).connect_to("a.example.org:1", own),
              AllOf(StartsWith(kDenied), HasSubstr(R"(details="port")")));
}

TEST_F(EgressCommandTest, counts_what_it_decides_where_prometheus_looks) {
  dir_.write(
      "egress.yaml",
      "listen: 127.0.0.1:0\nmetrics: 127.0.0.1:0\nclients: { anybody: { allow: [elsewhere.example] } }\n");
  EgressProcess proxy(command());
  const std::string said = proxy.said();
  const std::string words = "metrics at ";
  const auto from = said.find(words) + words.size();
  const std::string url = said.substr(from, said.find('"', from) - from);
  EXPECT_THAT(answer(proxy), StartsWith(kDenied));
  const std::string metrics = get(url).body;
  EXPECT_THAT(
      metrics,
      HasSubstr(
          "pollux_egress_decisions_total{client=\"anybody\",decision=\"deny\",reason=\"not_public\"} 1\n"));
  EXPECT_EQ(get(url.substr(0, url.rfind('/')) + "/healthz").body, "ok\n");
  EXPECT_EQ(get(url.substr(0, url.rfind('/')) + "/").status, 404);
}

TEST_F(EgressCommandTest, says_what_waits_for_a_restart) {
  write_file();
  EgressProcess proxy(command());
  dir_.write("egress.yaml", read_text(dir_.path() / "egress.yaml") + "idle_timeout: 1m\n");
  proxy.process().signal(SIGHUP);
  EXPECT_TRUE(proxy.process().wait_for_output("waits for a restart"));
}

TEST_F(EgressCommandTest, takes_a_rotated_password_without_being_told) {
  dir_.write("egress.yaml",
             "listen: 127.0.0.1:0\nclients: { poller: { user: poller, password: \"${file:password}\", "
             "allow: [\"127.0.0.1:1-65535\"] } }\n");
  dir_.write("password", "the-first-password");
  EgressProcess proxy(command());
  EXPECT_THAT(answer(proxy, shown("poller:the-first-password")), StartsWith(kStands));
  dir_.write("password", "the-next-password");
  ASSERT_TRUE(proxy.process().wait_for_output("a file has changed"));
  EXPECT_THAT(answer(proxy, shown("poller:the-next-password")), StartsWith(kStands));
  EXPECT_THAT(answer(proxy, shown("poller:the-first-password")), StartsWith("HTTP/1.1 407 "));
}

TEST_F(EgressCommandTest, ends_with_2_when_asked_wrongly_and_with_1_when_it_cannot_begin) {
  EXPECT_EQ(exit_of(), 2) << "no file";
  EXPECT_EQ(exit_of({"--from-environment", "--nonsense"}), 2);
  dir_.write("egress.yaml", "clients: { a: { allow: ['http://x'] } }\n");
  auto bad = run_program(command());
  EXPECT_EQ(bad.exit, 2);
  EXPECT_THAT(bad.err, HasSubstr("egress.yaml:1"));
  variables_ = {{"PROXY_ALLOW", "a.example:0x1"}, {"PORT", "70000"}, {"PROXY_USERNAME", "alone"}};
  auto environment = run_program(command({"--from-environment"}));
  EXPECT_EQ(environment.exit, 2);
  EXPECT_THAT(environment.err,
              AllOf(HasSubstr("PROXY_ALLOW"), HasSubstr("PORT"), HasSubstr("PROXY_USERNAME")));
  variables_ = {
      {"PROXY_ALLOW", "a.example"}, {"PROXY_ANYBODY", "true"}, {"PORT", std::to_string(echo_.port())}};
  EXPECT_EQ(exit_of({"--from-environment"}), 1) << "the port is taken";
}

TEST_F(EgressCommandTest, ends_when_its_tunnels_have_ended) {
  write_file();
  EgressProcess proxy(command());
  {
    const Caller tunnel(proxy.port());
    ASSERT_THAT(tunnel.connect_to(echo()), StartsWith(kStands));
    proxy.process().signal(SIGTERM);
    ASSERT_TRUE(proxy.process().wait_for_output("stopping: 1 connections"));
    EXPECT_FALSE(Caller(proxy.port()).connected());
    EXPECT_TRUE(tunnel.is_echoed());
  }
  EXPECT_EQ(proxy.process().wait(), 0);
  EXPECT_THAT(proxy.said(), HasSubstr("\"message\":\"stopped\""));
}

TEST_F(EgressCommandTest, cuts_its_tunnels_at_a_second_signal) {
  write_file();
  EgressProcess proxy(command());
  const Caller tunnel(proxy.port());
  ASSERT_THAT(tunnel.connect_to(echo()), StartsWith(kStands));
  proxy.process().signal(SIGTERM);
  ASSERT_TRUE(proxy.process().wait_for_output("stopping: 1 connections"));
  proxy.process().signal(SIGTERM);
  EXPECT_EQ(proxy.process().wait(), 0);
  EXPECT_TRUE(tunnel.ended());
}

TEST_F(EgressCommandTest, has_no_password_in_its_log) {
  const std::string right = marker("right"), wrong = marker("wrong"), token = marker("token");
  dir_.write("egress.yaml",
             "listen: 127.0.0.1:0\nlog: { level: debug }\nclients:\n  poller:\n    user: poller\n"
             "    password: ${EGRESS_PASSWORD}\n    ports: 1-65535\n    allow: [127.0.0.1]\n");
  variables_["EGRESS_PASSWORD"] = right;
  EgressProcess proxy(command());
  for (const std::string& password : {right, wrong}) {
    const std::string own = shown("poller:" + password);
    answer(proxy, own);
    Caller(proxy.port()).connect_to("denied.example:443", own);
    // What was not meant for it, and what is no good request: in a URL, in a line, in another scheme.
    for (const std::string& head :
         {"GET http://poller:" + percent_encode(password) + "@127.0.0.1/ HTTP/1.1\r\nHost: a\r\n" + own,
          "CONNECT poller:" + percent_encode(password) + "@127.0.0.1:1 HTTP/1.1\r\nHost: a\r\n" + own,
          "GET http://" + echo() + "/?key=" + percent_encode(token) +
              " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token + "\r\n" + own,
          "GET https://" + echo() + "/v1?api_key=" + percent_encode(token) + " HTTP/1.1\r\nHost: a\r\n" + own,
          "GET http://" + echo() + "/?key=" + percent_encode(token) + "#f HTTP/1.1\r\nHost: a\r\n" + own,
          "GET /x?token=" + percent_encode(token) + " HTTP/1.1\r\nHost: a\r\n" + own,
          "CONNECT https://" + echo() + "/v1?api_key=" + percent_encode(token) + " HTTP/1.1\r\nHost: a\r\n" +
              own,
          own,
          "GET http://" + echo() + "/ HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Bearer " + password +
              "\r\n"}) {
      Caller(proxy.port()).say(head + "Connection: close\r\n\r\n", "\r\n\r\n");
    }
  }
  proxy.process().signal(SIGTERM);
  EXPECT_EQ(proxy.process().wait(), 0);
  EXPECT_THAT(proxy.said(), AllOf(HasSubstr("denied.example:443"), HasSubstr("egress_refused")));
  EXPECT_THAT(found_in(proxy.said(), {right, wrong, token}), IsEmpty());
}

}  // namespace
}  // namespace pollux::test
