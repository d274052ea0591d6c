// SPDX-License-Identifier: Apache-2.0
// Connections that begin with a PROXY header, in the clear and before TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <mutex>
#include <thread>

#include "egress/proxy/forward_proxy.hpp"
#include "tests/support/authority.hpp"
#include "tests/support/process.hpp"
#include "tests/support/tls_client.hpp"

namespace pollux::egress {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kHeader = "PROXY TCP4 192.0.2.7 192.0.2.8 4660 443\r\n";
// Denied, and so logged, without leaving the machine.
constexpr const char* kAsk = "CONNECT 10.0.0.1:443 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

class ProxyProtocolTest : public testing::Test {
 protected:
  ~ProxyProtocolTest() override {
    asio::post(io_, [this] { cancel_.emit(asio::cancellation_type::terminal); });
    thread_.join();
  }
  void begin(std::vector<Cidr> trusted, bool tls = false) {
    options_.proxy_protocol = std::move(trusted);
    ProxyClient anybody;
    anybody.policy.name = "anybody";
    proxy_ = std::make_unique<ForwardProxy>(io_, options_,
                                            std::make_shared<const Clients>(std::vector{anybody}), logger_);
    if (tls) {
      const test::Identity own = authority_.issue("proxy");
      proxy_->replace(*TlsContext::load({"certificate", "key", ""},
                                        [&](const std::filesystem::path& path) -> Result<std::string> {
                                          return path == "key" ? own.key : own.certificate;
                                        }));
    }
    port_ = *proxy_->bind("127.0.0.1", 0);
    asio::co_spawn(io_, proxy_->serve(),
                   asio::bind_cancellation_slot(cancel_.slot(), [](const std::exception_ptr&) {}));
    thread_ = std::thread([this] { io_.run(); });
  }
  std::string ask(const std::string& bytes) const {
    const test::Wire wire(test::connect_to(port_));
    wire.write(bytes);
    return wire.read_to_end();
  }
  bool logged(const std::string& text) {
    return test::eventually([&] {
      const std::lock_guard lock(mutex_);
      return lines_.find(text) != std::string::npos;
    });
  }

  test::Authority authority_;
  ProxyOptions options_;
  asio::io_context io_;
  std::mutex mutex_;
  std::string lines_;
  Redactor redactor_;
  log::Logger logger_{log::Level::kDebug, log::Logger::Format::kJson, redactor_,
                      [this](log::Level, std::string_view line) {
                        const std::lock_guard lock(mutex_);
                        lines_.append(line).append("\n");
                      }};
  std::unique_ptr<ForwardProxy> proxy_;
  asio::cancellation_signal cancel_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

const std::vector<Cidr> kHere{*Cidr::parse("127.0.0.0/8")};

TEST_F(ProxyProtocolTest, names_in_the_log_for_whom_a_load_balancer_speaks) {
  begin(kHere);
  EXPECT_THAT(ask(std::string(kHeader) + kAsk), StartsWith("HTTP/1.1 403 "));
  EXPECT_TRUE(logged(R"("from":"192.0.2.7")"));
}

TEST_F(ProxyProtocolTest, reads_a_header_that_comes_byte_by_byte_and_not_a_byte_more) {
  begin(kHere, true);
  const int fd = test::connect_to(port_);
  test::TlsClient client(fd);
  for (const char c : std::string_view(kHeader)) client.wire.write({&c, 1});
  ASSERT_TRUE(client.handshake());
  client.write(kAsk);
  EXPECT_THAT(client.read_to_end(), StartsWith("HTTP/1.1 403 "));
  EXPECT_TRUE(logged(R"("from":"192.0.2.7")"));
}

TEST_F(ProxyProtocolTest, takes_the_peer_where_the_header_names_nobody) {
  begin(kHere);
  EXPECT_THAT(ask(std::string("PROXY UNKNOWN\r\n") + kAsk), StartsWith("HTTP/1.1 403 "));
  EXPECT_TRUE(logged(R"("from":"127.0.0.1")"));
}

TEST_F(ProxyProtocolTest, is_not_held_up_by_a_crowd_that_never_says_for_whom) {
  options_.most_connections = 4;
  options_.handshake_timeout = 10min;
  begin(kHere);
  std::deque<test::Wire> crowd;
  for (int i = 0; i < 12; ++i) crowd.emplace_back(test::connect_to(port_)).write("PROXY ");
  EXPECT_THAT(ask(std::string(kHeader) + kAsk), StartsWith("HTTP/1.1 403 "));
}

TEST_F(ProxyProtocolTest, serves_no_load_balancer_that_does_not_say_for_whom) {
  options_.handshake_timeout = 500ms;
  begin(kHere);
  EXPECT_EQ(ask(kAsk), "");
  EXPECT_TRUE(logged("no PROXY header"));
  EXPECT_EQ(ask("PROXY TCP4 192.0.2.7"), "") << "until its time is up";
  EXPECT_TRUE(logged("timeout"));
}

TEST_F(ProxyProtocolTest, takes_a_header_of_anybody_else_for_a_bad_request) {
  begin({*Cidr::parse("10.0.0.0/8")});
  EXPECT_THAT(ask(std::string(kHeader) + kAsk), StartsWith("HTTP/1.1 400 "));
  const std::string second("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16);
  EXPECT_THAT(ask(second + kAsk), StartsWith("HTTP/1.1 400 "));
  EXPECT_TRUE(logged(R"("event":"egress_refused")"));
}

}  // namespace
}  // namespace pollux::egress
