// SPDX-License-Identifier: Apache-2.0
// Promise 4, no way around, through proxies of each kind: Squid (plain and TLS), SOCKS5, and what the
// environment says. The upstream is known to the proxy only, so that whoever reaches it went through it.
#include <gmock/gmock.h>

#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <thread>

#include "tests/support/nginx.hpp"
#include "tests/support/peers.hpp"
#include "tests/support/recording_proxy.hpp"
#include "tests/support/socks5_proxy.hpp"
#include "tests/support/squid.hpp"
#include "tests/system/call_center.hpp"
#include "tests/system/in_namespaces.hpp"

namespace pollux::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* kName = "api.upstream.invalid";

// The call centre under a name that exists nowhere; `proxy:` is the test's.
class EgressTest : public CallCenter {
 protected:
  void SetUp() override {
    CallCenter::SetUp();
    for (const char* variable : {"CALL_CENTER_API", "CALL_CENTER_LOGIN"}) {
      variables_[variable] = "http://" + std::string(kName) + ":" + port_of(api_);
    }
  }
  static std::string port_of(const SampleApi& api) {
    return api.address().substr(api.address().rfind(':') + 1);
  }

  void use(const std::string& proxy, const std::string& more = "") {
    replace("concurrency: 4", "proxy: " + proxy + more + "\n    concurrency: 4");
  }
  void expect_published(const Finished& done) const {
    EXPECT_EQ(done.exit, 0) << done.out << done.err;
    EXPECT_EQ(text_of(run_event(done.out), "outcome"), "published");
    EXPECT_EQ(api_.requests(), 5);
  }
  json::object failed(const Finished& done) const {
    EXPECT_EQ(done.exit, 1) << done.out << done.err;
    EXPECT_EQ(api_.requests(), 0) << "not one request may go around the proxy";
    EXPECT_FALSE(std::filesystem::exists(dir_ / kObject));
    return run_event(done.out);
  }
};

TEST_F(EgressTest, reaches_through_socks5_what_only_the_proxy_can_find) {
  Socks5Proxy proxy({"poller:socks-password", {{kName, "127.0.0.1"}}, ""});
  use("socks5h://poller:socks-password@127.0.0.1:" + std::to_string(proxy.port()));
  auto done = once({"--log-level", "debug"});
  expect_published(done);
  EXPECT_THAT(proxy.requests(),
              AllOf(Not(IsEmpty()), Each("name " + std::string(kName) + ":" + port_of(api_))));
  EXPECT_THAT(done.out + done.err, Not(HasSubstr("socks-password")));
}

TEST_F(EgressTest, says_what_a_socks5_proxy_refused) {
  Socks5Proxy proxy({"poller:socks-password", {}, kName});
  const std::string at = "@127.0.0.1:" + std::to_string(proxy.port());
  use("${EGRESS_PROXY}");
  variables_["EGRESS_PROXY"] = "socks5h://poller:wrong-password" + at;
  auto event = failed(once());
  EXPECT_EQ(text_of(event, "reason"), "proxy");
  EXPECT_THAT(text_of(event, "message"), HasSubstr("did not accept the user and password"));
  variables_["EGRESS_PROXY"] = "socks5h://poller:socks-password" + at;
  EXPECT_THAT(text_of(failed(once()), "message"), HasSubstr("does not let " + std::string(kName)));
}

TEST_F(EgressTest, asks_nobody_when_a_socks5_or_https_proxy_is_dead) {
  use("${EGRESS_PROXY}");
  for (const char* scheme : {"socks5h://", "https://", "http://"}) {
    variables_["EGRESS_PROXY"] = scheme + std::string("127.0.0.1:") + std::to_string(free_port());
    EXPECT_EQ(text_of(failed(once()), "reason"), "proxy") << scheme;
  }
}

TEST_F(EgressTest, goes_through_squid_with_user_and_password) {
  POLLUX_NEEDS_PROGRAM("squid");
  Squid squid({"poller", "squid-password", {}, {}, {kName}});
  const std::string at = "@127.0.0.1:" + std::to_string(squid.port());
  use("${EGRESS_PROXY}");
  variables_["EGRESS_PROXY"] = "http://poller:wrong-password" + at;
  auto event = failed(once());
  EXPECT_EQ(text_of(event, "reason"), "proxy");
  EXPECT_THAT(text_of(event, "message"), AllOf(HasSubstr("407"), HasSubstr("user and password")));
  variables_["EGRESS_PROXY"] = "http://poller:squid-password" + at;
  auto done = once({"--log-level", "debug"});
  expect_published(done);
  EXPECT_THAT(squid.seen(6),
              Contains(AllOf(HasSubstr("GET http://" + std::string(kName)), HasSubstr(" poller"))));
  EXPECT_THAT(done.out + done.err, Not(HasSubstr("squid-password")));
}

TEST_F(EgressTest, says_that_squid_does_not_let_a_host_through) {
  POLLUX_NEEDS_PROGRAM("squid");
  Squid squid({"", "", {}, {kName}, {kName}});
  use("http://127.0.0.1:" + std::to_string(squid.port()));
  auto event = failed(once());
  EXPECT_EQ(text_of(event, "reason"), "proxy");
  EXPECT_THAT(text_of(event, "message"),
              AllOf(HasSubstr("403"), HasSubstr("does not let this host through")));
  variables_["CALL_CENTER_LOGIN"] = "https://" + std::string(kName) + ":443";
  event = failed(once());
  EXPECT_EQ(text_of(event, "reason"), "proxy");
  EXPECT_THAT(text_of(event, "message"),
              AllOf(HasSubstr("403"), HasSubstr("does not let this host through")));
}

// https to the proxy with one CA, https to the upstream with another, HTTP/1.1 in the tunnel though the
// server offers HTTP/2, a certificate for the upstream only: the whole way of a site with everything.
TEST_F(EgressTest, speaks_tls_to_the_proxy_and_tls_with_a_certificate_to_the_upstream) {
  POLLUX_NEEDS_PROGRAM("squid");
  POLLUX_NEEDS_PROGRAM("nginx");
  Authority proxys("Proxy CA"), upstreams("Upstream CA");
  Squid squid({"poller", "squid-password", proxys.issue("egress"), {}, {kName}});
  Nginx::Options options{"ssl http2",
                         "ssl_protocols TLSv1.3; ssl_client_certificate clients.pem; ssl_verify_client on; "
                         "location / { proxy_pass " +
                             api_.url() + "; }",
                         upstreams.issue("server", {kName}),
                         {{"clients.pem", upstreams.certificate()}}};
  Nginx nginx(options);
  auto poller = upstreams.issue("poller");
  dir_.write("proxy-ca.pem", proxys.certificate());
  dir_.write("ca.pem", upstreams.certificate());
  dir_.write("client.pem", poller.certificate);
  dir_.write("client.key", Authority::encrypted(poller, "key-password"));
  for (const char* variable : {"CALL_CENTER_API", "CALL_CENTER_LOGIN"})
    variables_[variable] = "https://" + std::string(kName) + ":" + std::to_string(nginx.port());
  variables_["CLIENT_KEY_PASSWORD"] = "key-password";
  use("https://poller:squid-password@127.0.0.1:" + std::to_string(squid.tls_port()),
      "\n    ca_file: ca.pem\n    tls: { certificate: client.pem, key: client.key, "
      "key_password: \"${CLIENT_KEY_PASSWORD}\", at_least: \"1.3\" }");
  auto event = failed(once());
  EXPECT_EQ(text_of(event, "reason"), "tls");
  EXPECT_THAT(text_of(event, "message"), AllOf(HasSubstr("to the proxy"), HasSubstr("proxy_ca_file")));

  replace("ca_file: ca.pem", "ca_file: ca.pem\n    proxy_ca_file: proxy-ca.pem");
  expect_published(once());
  auto seen = nginx.seen(5);
  EXPECT_THAT(seen, SizeIs(5));
  // Not HTTP/2 inside of TLS to a proxy: see curl_transfer.cpp.
  for (const auto& one : seen) {
    EXPECT_EQ(one.protocol, "HTTP/1.1");
    EXPECT_EQ(one.client, "CN=poller");
  }
  EXPECT_THAT(squid.seen(),
              Contains(AllOf(HasSubstr("CONNECT " + std::string(kName)), HasSubstr(" poller"))));

  replace("tls: {", "#tls: {");
  auto refused = once();
  EXPECT_EQ(refused.exit, 1);
  EXPECT_EQ(text_of(run_event(refused.out), "reason"), "tls");
  EXPECT_THAT(text_of(run_event(refused.out), "message"), HasSubstr("No required SSL certificate"));
}

TEST_F(EgressTest, takes_the_environments_proxy_when_the_file_says_so) {
  RecordingProxy proxy("", {{kName, "127.0.0.1"}});
  use("env");
  variables_["HTTP_PROXY"] = "127.0.0.1:" + std::to_string(proxy.port());
  variables_["HTTPS_PROXY"] = "http://127.0.0.1:1";
  expect_published(once());
  EXPECT_THAT(proxy.requests(), SizeIs(5));
}

TEST_F(EgressTest, leaves_out_the_environments_proxy_where_no_proxy_says_so) {
  RecordingProxy proxy;
  use("env");
  variables_["CALL_CENTER_API"] = variables_["CALL_CENTER_LOGIN"] = api_.url();
  variables_["ALL_PROXY"] = "http://127.0.0.1:" + std::to_string(proxy.port());
  variables_["NO_PROXY"] = "localhost,127.0.0.0/8";
  expect_published(once());
  EXPECT_THAT(proxy.requests(), IsEmpty());
}

TEST_F(EgressTest, trusts_the_platforms_cas_and_names_a_file_of_it_that_is_none) {
  POLLUX_NEEDS_PROGRAM("nginx");
  Authority platform("Platform CA");
  Nginx nginx({"ssl http2", "location / { proxy_pass " + api_.url() + "; }", platform.issue("server"), {}});
  for (const char* variable : {"CALL_CENTER_API", "CALL_CENTER_LOGIN"})
    variables_[variable] = "https://" + nginx.address();
  EXPECT_EQ(text_of(failed(once()), "reason"), "tls");
  dir_.write("platform/trusted-ca-1.crt", platform.certificate());
  dir_.write("platform/notes.txt", "nothing");
  variables_["CF_SYSTEM_CERT_PATH"] = (dir_ / "platform").string();
  auto done = once();
  expect_published(done);
  EXPECT_THAT(done.out, HasSubstr("notes.txt: it holds no certificate"));
}

// A name server that counts: in a network namespace of the test's own, where it is the only one there is.
class CountingNameServer {
 public:
  CountingNameServer() : socket_(io_, {boost::asio::ip::address_v4::loopback(), 53}) {
    receive();
    thread_ = std::thread([this] { io_.run(); });
  }
  ~CountingNameServer() {
    io_.stop();
    thread_.join();
  }
  CountingNameServer(const CountingNameServer&) = delete;
  CountingNameServer& operator=(const CountingNameServer&) = delete;
  int queries() const { return queries_; }

 private:
  void receive() {
    socket_.async_receive_from(boost::asio::buffer(query_), from_, [this](auto error, std::size_t size) {
      if (error) return;
      ++queries_;
      if (size >= 12) refuse(size);
      receive();
    });
  }
  // RFC 1035, 4.1.1: the same message as an answer that says "no such name".
  void refuse(std::size_t size) {
    query_[2] |= 0x80U;
    query_[3] = static_cast<unsigned char>((query_[3] & 0xF0U) | 3U);
    boost::system::error_code ignored;
    socket_.send_to(boost::asio::buffer(query_, size), from_, 0, ignored);
  }

  boost::asio::io_context io_;
  boost::asio::ip::udp::socket socket_;
  boost::asio::ip::udp::endpoint from_;
  std::array<unsigned char, 1500> query_{};
  std::atomic<int> queries_ = 0;
  std::thread thread_;
};

TEST_F(EgressTest, asks_no_name_server_for_what_the_proxy_looks_up) {
  POLLUX_IN_NAMESPACES();
  dir_.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
  ASSERT_EQ(run_program({{"mount", "--bind", "resolv.conf", "/etc/resolv.conf"}, {}, dir_.path()}).exit, 0);
  CountingNameServer names;
  EXPECT_EQ(once().exit, 1);
  ASSERT_GT(names.queries(), 0) << "without a proxy the name is asked for: else nothing is counted here";
  const int before = names.queries();
  use("${EGRESS_PROXY}");
  RecordingProxy http("", {{kName, "127.0.0.1"}});
  Socks5Proxy socks({"", {{kName, "127.0.0.1"}}, ""});
  variables_["EGRESS_PROXY"] = "http://127.0.0.1:" + std::to_string(http.port());
  EXPECT_EQ(once().exit, 0);
  variables_["EGRESS_PROXY"] = "socks5h://127.0.0.1:" + std::to_string(socks.port());
  EXPECT_EQ(once().exit, 0);
  variables_["CALL_CENTER_LOGIN"] = "https://" + std::string(kName);  // a tunnel, which ends at no TLS
  EXPECT_EQ(once().exit, 1);
  variables_["EGRESS_PROXY"] = "http://127.0.0.1:" + std::to_string(free_port());
  EXPECT_EQ(once().exit, 1);
  EXPECT_EQ(names.queries(), before);
}

}  // namespace
}  // namespace pollux::test
