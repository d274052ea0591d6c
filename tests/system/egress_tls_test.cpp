// SPDX-License-Identifier: Apache-2.0
// `pollux egress` behind TLS, as curl sees it: clients with certificates, and a certificate that is rotated
// while it runs.
#include <gmock/gmock.h>

#include <csignal>

#include "tests/support/authority.hpp"
#include "tests/support/tls_client.hpp"
#include "tests/system/call_center.hpp"

namespace pollux::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class EgressTlsTest : public testing::Test {
 protected:
  EgressTlsTest() {
    place("proxy");
    files_.write("ca.pem", authority_.certificate());
    const Identity poller = authority_.issue("poller");
    files_.write("poller.pem", poller.certificate);
    files_.write("poller.key", poller.key);
    write_file(kTls, R"(
  poller: { certificate: CN=poller, allow: ["127.0.0.0/8:1-65535"] }
  other: { user: other, password: a-good-password, allow: [nowhere.example] }
)");
    proxy_ = std::make_unique<Process>(
        Process::Options{{program("pollux"), "egress", "-c", "egress.yaml"}, {}, files_.path()});
    if (!proxy_->wait_for_output("egress proxy at")) throw std::runtime_error(proxy_->out() + proxy_->err());
  }

  static constexpr const char* kTls =
      "tls: { certificate: proxy.pem, key: proxy.key, client_ca: ca.pem, client_certificates: optional }\n";

  void write_file(const std::string& tls, const std::string& clients) const {
    files_.write("egress.yaml",
                 "listen: 127.0.0.1:" + std::to_string(port_) + "\n" + tls + "clients:" + clients);
  }
  Identity place(const std::string& name) {
    Identity own = authority_.issue(name);
    files_.write("proxy.pem", own.certificate);
    files_.write("proxy.key", own.key);
    return own;
  }
  Finished curl(Words more) {
    Words argv{"curl",           "-sS",    "--max-time", "20",
               "--proxy-cacert", "ca.pem", "-x",         "https://localhost:" + std::to_string(port_)};
    argv.insert(argv.end(), more.begin(), more.end());
    return run_program({argv, {}, files_.path()});
  }
  std::string shown() const {
    TlsClient client(connect_to(port_));
    return client.handshake() ? client.shown() : "no handshake";
  }

  TempDir files_;
  Authority authority_;
  SampleApi api_;
  std::uint16_t port_ = free_port();
  std::unique_ptr<Process> proxy_;
};

TEST_F(EgressTlsTest, lets_curl_through_that_shows_its_certificate) {
  const Words certified{"--proxy-cert", "poller.pem", "--proxy-key",  "poller.key",          "-o",
                        "/dev/null",    "-w",         "%{http_code}", api_.url() + "/_stats"};
  const Finished plain = curl(certified);
  EXPECT_EQ(plain.out, "200") << plain.err;
  Words tunneled = certified;
  tunneled.emplace_back("-p");
  const Finished tunnel = curl(tunneled);
  EXPECT_EQ(tunnel.out, "200") << tunnel.err;
  EXPECT_TRUE(proxy_->wait_for_output(R"("method":"CONNECT")"));
  EXPECT_THAT(proxy_->out(), HasSubstr(R"("client":"poller")"));
  EXPECT_THAT(curl({api_.url() + "/_stats"}).out, HasSubstr("407"));
  EXPECT_THAT(curl({"-U", "other:a-good-password", api_.url() + "/_stats"}).out, HasSubstr("not_public"));
}

TEST_F(EgressTlsTest, takes_a_rotated_certificate_once_it_is_whole_and_cuts_no_tunnel) {
  const Identity own{read_text(files_ / "poller.pem"), read_text(files_ / "poller.key")};
  TlsClient standing(connect_to(port_), &own);
  ASSERT_TRUE(standing.handshake());
  standing.write("CONNECT " + api_.address() + " HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_THAT(standing.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  const Identity next = authority_.issue("rotated");
  files_.write("proxy.pem", next.certificate);
  ASSERT_TRUE(proxy_->wait_for_output("does not belong to the certificate"));
  EXPECT_EQ(shown(), "/CN=proxy");
  files_.write("proxy.key", next.key);
  ASSERT_TRUE(proxy_->wait_for_output("CN=rotated"));
  EXPECT_EQ(shown(), "/CN=rotated");
  standing.write("GET /_stats HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(standing.read_to_end(), StartsWith("HTTP/1.1 200 "));
  standing.wire.close();
  place("by-signal");
  proxy_->signal(SIGHUP);
  EXPECT_TRUE(proxy_->wait_for_output("CN=by-signal"));
  proxy_->signal(SIGTERM);
  EXPECT_EQ(proxy_->wait(), 0);
}

TEST_F(EgressTlsTest, stays_behind_tls_when_a_reload_finds_none_in_the_file) {
  write_file("", " { other: { user: other, password: a-good-password, allow: [elsewhere.example] } }\n");
  proxy_->signal(SIGHUP);
  ASSERT_TRUE(proxy_->wait_for_output("`tls` is gone from the file: that waits for a restart"));
  ASSERT_TRUE(proxy_->wait_for_output("the lists of 1 client"));
  EXPECT_EQ(shown(), "/CN=proxy");
  EXPECT_THAT(curl({"-U", "other:a-good-password", api_.url() + "/_stats"}).out, HasSubstr("not_public"));
}

TEST_F(EgressTlsTest, takes_new_lists_beside_a_certificate_that_it_does_not_take) {
  const std::string clients =
      " { other: { user: other, password: a-good-password, allow: [\"127.0.0.0/8:1-65535\"] } }\n";
  files_.write("proxy.pem", "no certificate");
  write_file(kTls, clients);
  proxy_->signal(SIGHUP);
  ASSERT_TRUE(proxy_->wait_for_output("the lists of 1 client"));
  ASSERT_TRUE(proxy_->wait_for_output("not taken, the certificate of before stays"));
  const Words ask{"-U",           "other:a-good-password", "-o", "/dev/null", "-w",
                  "%{http_code}", api_.url() + "/_stats"};
  EXPECT_EQ(curl(ask).out, "200");
  EXPECT_EQ(shown(), "/CN=proxy");

  write_file("tls: { certificate: other.pem, key: proxy.key }\n", clients);
  proxy_->signal(SIGHUP);
  ASSERT_TRUE(proxy_->wait_for_output("other.pem"));
  EXPECT_EQ(shown(), "/CN=proxy");
  const Identity mended = authority_.issue("mended");
  files_.write("proxy.key", mended.key);
  files_.write("other.pem", mended.certificate);
  ASSERT_TRUE(proxy_->wait_for_output("CN=mended"));
  EXPECT_EQ(shown(), "/CN=mended");
}

}  // namespace
}  // namespace pollux::test
