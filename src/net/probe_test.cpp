// SPDX-License-Identifier: Apache-2.0
// What is seen of a way: through real proxies, to nginx with certificates of the test's own.
#include "net/probe.hpp"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>

#include "net/curl_client.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/peers.hpp"
#include "tests/support/recording_proxy.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/socks5_proxy.hpp"
#include "tests/support/squid.hpp"

namespace pollux::net {
namespace {

using test::Authority;
using test::Nginx;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class ProbeTest : public testing::Test {
 protected:
  void SetUp() override {
    POLLUX_NEEDS_PROGRAM("nginx");
    dir_.write("ca.pem", authority_.certificate());
  }
  Nginx::Options serving(bool expired = false) const {
    return {"ssl http2",
            "ssl_protocols TLSv1.3; location / { return 200 'well\\n'; }",
            authority_.issue("server", {}, expired),
            {}};
  }
  HttpRequest request(const std::string& url, const std::string& proxy = "") const {
    HttpRequest out;
    out.url = url;
    out.way.ca_file = dir_ / "ca.pem";
    if (!proxy.empty()) out.way.proxy = Secret(proxy);
    return out;
  }
  static std::string place(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

  Authority authority_;
  test::TempDir dir_;
};

TEST_F(ProbeTest, sees_tls_and_the_certificate_and_sends_no_request) {
  Nginx nginx(serving());
  const Probe seen = probe(request("https://" + nginx.address() + "/secret-path"), "");
  ASSERT_FALSE(seen.error) << seen.error->message;
  EXPECT_THAT(seen.opened, ElementsAre(nginx.address()));
  ASSERT_TRUE(seen.tls && seen.tls->peer);
  EXPECT_EQ(seen.tls->version, "TLSv1.3");
  EXPECT_THAT(seen.tls->cipher, HasSubstr("TLS_"));
  EXPECT_EQ(seen.tls->peer->subject, "CN=server");
  EXPECT_EQ(seen.tls->peer->issuer, "CN=Pollux Test CA");
  EXPECT_LT(seen.tls->peer->from, seen.tls->peer->until);
  EXPECT_EQ(seen.tls->distrust, "");
  EXPECT_FALSE(seen.proxy_tls);
  // What nginx logs first is a request of the test's own, so the probe sent none.
  asio::io_context io;
  CurlClient curl(io);
  ASSERT_TRUE(test::run_task(io, curl.send(request("https://" + nginx.address() + "/own"))));
  ASSERT_THAT(nginx.seen(), SizeIs(1));
  EXPECT_EQ(nginx.seen()[0].uri, "/own");
}

TEST_F(ProbeTest, sees_the_certificate_that_is_not_trusted) {
  Nginx expired(serving(true));
  const Probe seen = probe(request("https://" + expired.address()), "");
  ASSERT_TRUE(seen.error);
  EXPECT_EQ(seen.error->kind, ErrorKind::kTls);
  ASSERT_TRUE(seen.tls && seen.tls->peer);
  EXPECT_EQ(seen.tls->version, "") << "the handshake was not finished";
  EXPECT_EQ(seen.tls->distrust, "certificate has expired");
  EXPECT_EQ(seen.tls->peer->subject, "CN=server");

  Nginx unknown(serving());
  auto by_others = request("https://" + unknown.address());
  by_others.way.ca_file.reset();
  const Probe other = probe(std::move(by_others), "");
  ASSERT_TRUE(other.error && other.tls);
  EXPECT_THAT(other.tls->distrust, HasSubstr("local issuer"));
  EXPECT_THAT(other.error->message, HasSubstr("ca_file"));
}

TEST_F(ProbeTest, goes_through_the_proxy_alone) {
  Nginx nginx(serving());
  test::RecordingProxy proxy("user:pass-word");
  const std::string url = "https://" + nginx.address();
  const Probe well = probe(request(url, "http://user:pass-word@" + place(proxy.port())), "");
  ASSERT_FALSE(well.error) << well.error->message;
  EXPECT_EQ(well.connect_status, 200);
  EXPECT_THAT(well.opened, ElementsAre(place(proxy.port())));
  EXPECT_THAT(proxy.requests(), ElementsAre("CONNECT " + nginx.address()));
  EXPECT_TRUE(well.tls && well.tls->peer);

  const Probe refused = probe(request(url, "http://user:wrong-word@" + place(proxy.port())), "");
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->kind, ErrorKind::kProxy);
  EXPECT_EQ(refused.connect_status, 407);
  EXPECT_FALSE(refused.tls);
  EXPECT_THAT(refused.error->message, Not(HasSubstr("wrong-word")));

  const auto nobody = test::free_port();
  const Probe away = probe(request(url, "http://" + place(nobody)), "");
  ASSERT_TRUE(away.error);
  EXPECT_EQ(away.error->kind, ErrorKind::kProxy);
  EXPECT_THAT(away.opened, ElementsAre(place(nobody)));
}

TEST_F(ProbeTest, knows_the_addresses_of_a_proxy_by_its_name) {
  Nginx nginx(serving());
  test::RecordingProxy proxy("");
  const std::string port = std::to_string(proxy.port());
  const Probe well = probe(request("https://" + nginx.address(), "http://localhost:" + port), "");
  ASSERT_FALSE(well.error) << well.error->message;
  EXPECT_THAT(well.proxy, testing::Contains("127.0.0.1:" + port));
  EXPECT_THAT(well.opened, testing::IsSubsetOf(well.proxy));
  const Probe away = probe(request("https://" + nginx.address(), "http://egress.invalid:" + port), "");
  ASSERT_TRUE(away.error);
  EXPECT_EQ(away.error->kind, ErrorKind::kProxy);
  EXPECT_THAT(away.proxy, IsEmpty());
  EXPECT_THAT(away.opened, IsEmpty());
  EXPECT_THAT(probe(request("https://" + nginx.address(), "http://[::1]:9"), "").proxy,
              ElementsAre("[::1]:9"));
}

TEST_F(ProbeTest, sees_both_layers_of_tls_where_the_proxy_has_one) {
  POLLUX_NEEDS_PROGRAM("squid");
  Nginx nginx(serving());
  Authority proxys("Proxy CA");
  test::Squid squid({"", "", proxys.issue("egress"), {}, {}});
  auto asked = request("https://" + nginx.address(), "https://" + place(squid.tls_port()));
  const Probe untrusted = probe(asked, "");
  ASSERT_TRUE(untrusted.error && untrusted.proxy_tls);
  EXPECT_THAT(untrusted.proxy_tls->distrust, Not(IsEmpty()));
  EXPECT_FALSE(untrusted.tls);
  EXPECT_EQ(untrusted.connect_status, 0);

  asked.way.proxy_ca_file = dir_.write("proxy.pem", proxys.certificate());
  const Probe seen = probe(std::move(asked), "");
  ASSERT_FALSE(seen.error) << seen.error->message;
  ASSERT_TRUE(seen.proxy_tls && seen.proxy_tls->peer && seen.tls && seen.tls->peer);
  EXPECT_EQ(seen.proxy_tls->peer->issuer, "CN=Proxy CA");
  EXPECT_EQ(seen.tls->peer->issuer, "CN=Pollux Test CA");
  EXPECT_EQ(seen.proxy_tls->version, "TLSv1.3");
}

TEST_F(ProbeTest, sends_a_head_where_the_proxy_judges_requests) {
  Nginx nginx({"", "location / { return 404; }", {}, {}});
  test::RecordingProxy proxy;
  const std::string url = "http://" + nginx.address() + "/";
  EXPECT_FALSE(needs_request(request(url)));
  EXPECT_FALSE(needs_request(request(url, "socks5h://127.0.0.1:1")));
  const auto asked = request(url, "http://" + place(proxy.port()));
  EXPECT_TRUE(needs_request(asked));
  const Probe seen = probe(asked, "");
  ASSERT_FALSE(seen.error) << seen.error->message;
  EXPECT_EQ(seen.status, 404);
  EXPECT_THAT(proxy.requests(), ElementsAre("HEAD " + url));
}

TEST_F(ProbeTest, goes_through_socks_without_a_request) {
  Nginx nginx({"", "location / { return 200; }", {}, {}});
  test::Socks5Proxy proxy({"", {{"api.upstream.invalid", "127.0.0.1"}}, ""});
  const std::string url = "http://api.upstream.invalid:" + std::to_string(nginx.port()) + "/";
  const Probe seen = probe(request(url, "socks5h://" + place(proxy.port())), "");
  EXPECT_FALSE(seen.error) << seen.error->message;
  EXPECT_THAT(seen.opened, ElementsAre(place(proxy.port())));
}

TEST_F(ProbeTest, takes_nothing_from_the_environment) {
  Nginx nginx(serving());
  test::RecordingProxy elsewhere;
  for (const char* name : {"https_proxy", "all_proxy"})
    setenv(name, ("http://" + place(elsewhere.port())).c_str(), 1);
  const Probe seen = probe(request("https://" + nginx.address()), "");
  for (const char* name : {"https_proxy", "all_proxy"}) unsetenv(name);
  EXPECT_FALSE(seen.error);
  EXPECT_THAT(elsewhere.requests(), IsEmpty());
  EXPECT_THAT(seen.opened, ElementsAre(nginx.address()));
}

}  // namespace
}  // namespace pollux::net
