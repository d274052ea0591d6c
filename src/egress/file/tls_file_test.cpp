// SPDX-License-Identifier: Apache-2.0
// What egress.yaml says of TLS and of certificates.
#include <gmock/gmock.h>

#include "egress/file/egress_file_test.hpp"
#include "tests/support/authority.hpp"

namespace pollux::egress {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class TlsFileTest : public EgressFileFixture {
 protected:
  TlsFileTest() {
    const test::Identity own = authority_.issue("proxy");
    files_["/etc/proxy.pem"] = own.certificate;
    files_["/etc/proxy.key"] = own.key;
    files_["/etc/ca.pem"] = authority_.certificate();
  }
  // Of a file that is good but for its certificate.
  std::vector<std::string> certificate_faults_of(const std::string& text) {
    auto loaded = load(text + "clients: { a: { allow: [a.example] } }\n");
    return loaded ? texts(loaded->certificate_faults) : std::vector<std::string>{"not loaded"};
  }

  test::Authority authority_;
};

constexpr const char* kClients = "clients: { a: { allow: [a.example] } }\n";

TEST_F(TlsFileTest, has_files_beside_it_and_clients_with_certificates) {
  auto loaded = load(R"(
tls: { certificate: proxy.pem, key: proxy.key, client_ca: /etc/ca.pem, client_certificates: optional }
clients:
  poller: { certificate: CN=poller, allow: [a.example] }
  both: { certificate: "OU=app:1", user: u, password: p4ssw0rd-of-it, allow: [a.example] }
  anybody: { allow: [b.example] }
)");
  ASSERT_TRUE(loaded) << loaded.error().front().text();
  ASSERT_TRUE(loaded->file.tls);
  EXPECT_EQ(*loaded->file.tls, (TlsFiles{"/etc/proxy.pem", "/etc/proxy.key", "/etc/ca.pem", false}));
  const Clients clients(loaded->file.clients);
  EXPECT_EQ(clients.find("", {"CN=poller"})->policy.name, "poller");
  EXPECT_EQ(clients.find("", {"CN=another"})->policy.name, "anybody");
  EXPECT_EQ(clients.find("", {"OU=app:1"})->policy.name, "anybody") << "half of what it must show";
}

TEST_F(TlsFileTest, wants_certificates_where_there_is_a_ca) {
  auto loaded =
      load(std::string("tls: { certificate: proxy.pem, key: proxy.key, client_ca: ca.pem }\n") + kClients);
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(loaded->file.tls->certificates_required);
}

TEST_F(TlsFileTest, tries_the_files_and_says_which_is_wrong) {
  EXPECT_THAT(certificate_faults_of("tls: { certificate: none.pem, key: proxy.key }\n"),
              ElementsAre(HasSubstr("egress.yaml:1:6: tls: certificate cannot be read: /etc/none.pem")));
  files_["/etc/other.key"] = authority_.issue("other").key;
  EXPECT_THAT(certificate_faults_of("tls: { certificate: proxy.pem, key: other.key }\n"),
              ElementsAre(HasSubstr("/etc/other.key: it does not belong")));
  EXPECT_THAT(faults_of(std::string("tls: { certificate: proxy.pem }\n") + kClients),
              Contains(HasSubstr("`key`")));
  EXPECT_THAT(
      faults_of(
          std::string("tls: { certificate: proxy.pem, key: proxy.key, client_certificates: optional }\n") +
          kClients),
      Contains(HasSubstr("client_ca")));
}

TEST_F(TlsFileTest, has_good_lists_beside_a_bad_certificate_and_tells_both_where_they_are_bad_too) {
  const std::string bad = "tls: { certificate: none.pem, key: proxy.key }\n";
  auto loaded = load(bad + kClients);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->file.clients.size(), 1U);
  EXPECT_THAT(faults_of(bad + "clients: { a: { allow: ['http://x'] } }\n"),
              ElementsAre(HasSubstr("egress.yaml:1:6: tls"), HasSubstr("clients.a.allow[0]")));
}

TEST_F(TlsFileTest, takes_no_certificate_that_nobody_could_show) {
  EXPECT_THAT(faults_of("clients: { a: { certificate: CN=a, allow: [a.example] } }\n"),
              Contains(HasSubstr("`certificate` without `tls.client_ca`")));
  EXPECT_THAT(faults_of("clients: { a: { certificate: poller, allow: [a.example] } }\n"),
              Contains(HasSubstr("CN=, DNS=, URI= or OU=")));
  EXPECT_THAT(faults_of("tls: { certificate: proxy.pem, key: proxy.key, client_ca: ca.pem }\n"
                        "clients:\n  a: { certificate: CN=a }\n  b: { certificate: CN=a }\n"),
              Contains(HasSubstr("clients.b: a second client with this `certificate`")));
}

TEST_F(TlsFileTest, takes_a_certificate_from_the_variables_where_no_router_has_one) {
  variables_ = {{"PROXY_ANYBODY", "true"}};
  EXPECT_FALSE(egress_of(environment()).value().file.tls);
  variables_ = {
      {"PROXY_ANYBODY", "true"}, {"PROXY_TLS_CERT", "/etc/proxy.pem"}, {"PROXY_TLS_KEY", "/etc/proxy.key"}};
  auto loaded = egress_of(environment());
  ASSERT_TRUE(loaded) << loaded.error().front().text();
  EXPECT_EQ(loaded->file.tls->key, "/etc/proxy.key");
  variables_.erase("PROXY_TLS_KEY");
  EXPECT_FALSE(egress_of(environment()));
  variables_["PROXY_TLS_KEY"] = "/etc/ca.pem";
  EXPECT_THAT(texts(egress_of(environment()).value().certificate_faults),
              ElementsAre(HasSubstr("/etc/ca.pem")));
}

}  // namespace
}  // namespace pollux::egress
