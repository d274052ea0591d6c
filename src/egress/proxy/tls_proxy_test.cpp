// SPDX-License-Identifier: Apache-2.0
// The proxy behind TLS, on a thread of its own: what curl and a client of OpenSSL's get from it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "base/encoding.hpp"
#include "egress/proxy/forward_proxy.hpp"
#include "net/served_test.hpp"
#include "tests/support/authority.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/tls_client.hpp"

namespace pollux::egress {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

ProxyClient client_named(const std::string& name) {
  ProxyClient client;
  client.policy.name = name;
  std::vector<Rule> rules;
  rules.push_back(*parse_rule("127.0.0.0/8"));
  client.policy.allow = RuleSet::allow(std::move(rules), PortSet::all());
  return client;
}

Task<net::ServerResponse> hello(net::ServerRequest request) {
  net::ServerResponse response;
  response.body = "hello " + request.target;
  co_return response;
}

class TlsProxyTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }
  TlsProxyTest() { files_.write("ca.pem", authority_.certificate()); }
  ~TlsProxyTest() override {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] { cancel_.emit(asio::cancellation_type::terminal); });
    thread_.join();
  }

  std::shared_ptr<const TlsContext> context(const std::string& name) {
    const test::Identity own = authority_.issue(name);
    tls_.certificate = files_.write("proxy.pem", own.certificate);
    tls_.key = files_.write("proxy.key", own.key);
    auto loaded = TlsContext::load(
        tls_, [](const std::filesystem::path& path) -> Result<std::string> { return test::read_text(path); });
    if (!loaded) throw std::runtime_error(loaded.error().text());
    return *loaded;
  }

  void begin(std::vector<ProxyClient> clients, ProxyOptions options = {}) {
    proxy_ = std::make_unique<ForwardProxy>(io_, options, std::make_shared<const Clients>(std::move(clients)),
                                            logger_);
    proxy_->replace(context("proxy"));
    port_ = *proxy_->bind("127.0.0.1", 0);
    asio::co_spawn(io_, proxy_->serve(),
                   asio::bind_cancellation_slot(cancel_.slot(), [](const std::exception_ptr&) {}));
    thread_ = std::thread([this] { io_.run(); });
  }

  test::Finished curl(std::vector<std::string> more) {
    std::vector<std::string> argv{"curl",
                                  "-sS",
                                  "--max-time",
                                  "20",
                                  "-x",
                                  "https://127.0.0.1:" + std::to_string(port_),
                                  "--proxy-cacert",
                                  (files_ / "ca.pem").string()};
    argv.insert(argv.end(), more.begin(), more.end());
    return test::run_program({.argv = argv, .environment = {}, .directory = {}});
  }
  std::string upstream() const { return "127.0.0.1:" + std::to_string(upstream_.port()); }
  std::vector<std::string> as(const test::Identity& identity) {
    return {"--proxy-cert", files_.write("client.pem", identity.certificate).string(), "--proxy-key",
            files_.write("client.key", identity.key).string(), "http://" + upstream() + "/"};
  }
  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  bool logged(const std::string& text) {
    return test::eventually([&] {
      for (const std::string& line : lines()) {
        if (line.find(text) != std::string::npos) return true;
      }
      return false;
    });
  }

  test::TempDir files_;
  test::Authority authority_;
  TlsFiles tls_;
  net::Served upstream_{hello};
  asio::io_context io_;
  std::mutex mutex_;
  std::vector<std::string> lines_;
  Redactor redactor_;
  log::Logger logger_{log::Level::kDebug, log::Logger::Format::kJson, redactor_,
                      [this](log::Level, std::string_view line) {
                        const std::lock_guard lock(mutex_);
                        lines_.emplace_back(line);
                      }};
  std::unique_ptr<ForwardProxy> proxy_;
  asio::cancellation_signal cancel_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TEST_F(TlsProxyTest, serves_curl_by_tunnels_and_by_plain_requests) {
  begin({client_named("anybody")});
  const auto plain = curl({"http://" + upstream() + "/one", "http://" + upstream() + "/two"});
  EXPECT_EQ(plain.out, "hello /onehello /two") << plain.err;
  const auto tunneled = curl({"-p", "http://" + upstream() + "/three"});
  EXPECT_EQ(tunneled.out, "hello /three") << tunneled.err;
  EXPECT_THAT(lines(),
              Contains(AllOf(HasSubstr(R"("method":"CONNECT")"), HasSubstr(R"("from":"127.0.0.1")"))));
}

TEST_F(TlsProxyTest, knows_a_client_by_its_certificate) {
  tls_.client_ca = files_ / "ca.pem";
  ProxyClient poller = client_named("poller");
  poller.certificate = "CN=poller";
  ProxyClient by_name = client_named("by_name");
  by_name.certificate = "DNS=backup.example";
  begin({poller, by_name});
  const auto good = curl(as(authority_.issue("poller")));
  EXPECT_EQ(good.out, "hello /") << good.err;
  EXPECT_TRUE(logged(R"("client":"poller")"));
  EXPECT_EQ(curl(as(authority_.issue("x", {"backup.example"}))).out, "hello /");
  EXPECT_TRUE(logged(R"("client":"by_name")"));
  EXPECT_THAT(curl(as(authority_.issue("stranger"))).out, HasSubstr("407"));
  EXPECT_THAT(curl(as(test::Authority("another CA").issue("poller"))).out, Not(HasSubstr("hello")));
  EXPECT_THAT(curl({"http://" + upstream() + "/"}).out, Not(HasSubstr("hello")));
  EXPECT_TRUE(logged("peer did not return a certificate"));
}

TEST_F(TlsProxyTest, wants_certificate_and_password_of_who_has_both) {
  tls_.client_ca = files_ / "ca.pem";
  tls_.certificates_required = false;
  ProxyClient poller = client_named("poller");
  poller.certificate = "CN=poller";
  poller.user = "poll";
  poller.password = Secret("a good password");
  begin({poller});
  auto with_both = as(authority_.issue("poller"));
  EXPECT_THAT(curl(with_both).out, HasSubstr("407"));
  EXPECT_THAT(curl({"-U", "poll:a good password", "http://" + upstream() + "/"}).out, HasSubstr("407"));
  with_both.insert(with_both.end(), {"-U", "poll:a good password"});
  EXPECT_EQ(curl(with_both).out, "hello /");
}

TEST_F(TlsProxyTest, shows_a_rotated_certificate_and_leaves_the_tunnels_that_stand) {
  begin({client_named("anybody")});
  test::TlsClient standing(test::connect_to(port_));
  ASSERT_TRUE(standing.handshake());
  EXPECT_EQ(standing.shown(), "/CN=proxy");
  standing.write("CONNECT " + upstream() + " HTTP/1.1\r\nHost: " + upstream() + "\r\n\r\n");
  ASSERT_THAT(standing.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  std::promise<void> replaced;
  asio::post(io_, [&, rotated = context("rotated")] {
    proxy_->replace(rotated);
    replaced.set_value();
  });
  replaced.get_future().wait();
  test::TlsClient next(test::connect_to(port_));
  ASSERT_TRUE(next.handshake());
  EXPECT_EQ(next.shown(), "/CN=rotated");
  standing.write("GET /still HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  bool clean = false;
  EXPECT_THAT(standing.read_to_end(&clean), EndsWith("hello /still"));
  EXPECT_TRUE(clean);
}

TEST_F(TlsProxyTest, keeps_a_connection_for_the_next_request_and_its_early_bytes) {
  begin({client_named("anybody")});
  test::TlsClient client(test::connect_to(port_));
  ASSERT_TRUE(client.handshake());
  EXPECT_STREQ(SSL_get_version(client.native()), "TLSv1.3");
  const std::string well = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
  client.write(well + well);
  EXPECT_THAT(client.read_until("ok\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(client.read_until("ok\n"), StartsWith("HTTP/1.1 200 "));
  client.write("CONNECT " + upstream() +
               " HTTP/1.1\r\nHost: a\r\n\r\nGET /early HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_to_end(), EndsWith("hello /early"));
}

TEST_F(TlsProxyTest, goes_on_with_a_client_that_changes_its_keys) {
  begin({client_named("anybody")});
  test::TlsClient client(test::connect_to(port_));
  ASSERT_TRUE(client.handshake());
  ASSERT_EQ(SSL_key_update(client.native(), SSL_KEY_UPDATE_REQUESTED), 1);
  client.write("CONNECT " + upstream() + " HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  ASSERT_EQ(SSL_key_update(client.native(), SSL_KEY_UPDATE_REQUESTED), 1);
  client.write("GET /new HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_to_end(), EndsWith("hello /new"));
}

TEST_F(TlsProxyTest, is_not_held_up_by_who_never_shakes_hands) {
  ProxyOptions options;
  options.handshake_timeout = 200ms;
  begin({client_named("anybody")}, options);
  const test::Wire silent(test::connect_to(port_));
  const test::Wire half(test::connect_to(port_));
  half.write(std::string_view("\x16\x03\x01\x02", 4));
  EXPECT_EQ(curl({"http://" + upstream() + "/"}).out, "hello /");
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_EQ(half.read_to_end(), "");
  EXPECT_TRUE(logged(R"("event":"egress_tls")"));
}

TEST_F(TlsProxyTest, is_not_held_up_by_a_crowd_that_never_shakes_hands) {
  ProxyOptions options;
  options.most_connections = 4;
  options.handshake_timeout = 10min;
  begin({client_named("anybody")}, options);
  std::deque<test::Wire> crowd;
  for (int i = 0; i < 12; ++i) crowd.emplace_back(test::connect_to(port_));
  EXPECT_EQ(curl({"http://" + upstream() + "/"}).out, "hello /");
}

TEST_F(TlsProxyTest, hears_nothing_in_the_clear) {
  begin({client_named("anybody")});
  const test::Wire wire(test::connect_to(port_));
  wire.write("GET http://" + upstream() + "/ HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(wire.read_to_end(), Not(HasSubstr("HTTP")));
  EXPECT_TRUE(logged("http request"));
}

// Clients are in use that offer "http 1.1" and nothing else.
TEST_F(TlsProxyTest, agrees_on_http_1_1_alone) {
  begin({client_named("anybody")});
  for (const auto& [offered, chosen] :
       {std::pair<std::string, std::string>{"\x02h2\x08http/1.1", "http/1.1"}, {"\x02h2", ""}}) {
    test::TlsClient client(test::connect_to(port_));
    SSL_set_alpn_protos(client.native(), reinterpret_cast<const unsigned char*>(offered.data()),
                        static_cast<unsigned>(offered.size()));
    ASSERT_TRUE(client.handshake());
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(client.native(), &name, &size);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(name), size), chosen);
  }
}

}  // namespace
}  // namespace pollux::egress
