// SPDX-License-Identifier: Apache-2.0
// What egress.yaml says of TLS and of certificates.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "egress/file/egress_file.hpp"
#include "tests/support/authority.hpp"

namespace pollux::egress {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class TlsFileTest : public testing::Test {
 protected:
  TlsFileTest() {
    const test::Identity own = authority_.issue("proxy");
    files_["/etc/proxy.pem"] = own.certificate;
    files_["/etc/proxy.key"] = own.key;
    files_["/etc/ca.pem"] = authority_.certificate();
  }
  config::Environment environment() {
    return {[this](const std::string& name) -> std::optional<std::string> {
              auto found = variables_.find(name);
              return found == variables_.end() ? std::nullopt : std::optional(found->second);
            },
            [this](const std::filesystem::path& path) -> Result<std::string> {
              auto found = files_.find(path.string());
              if (found == files_.end()) return fail(ErrorKind::kUsage, path.string() + ": no such file");
              return found->second;
            }};
  }
  auto load(const std::string& text) {
    files_["/etc/egress.yaml"] = text;
    return load_egress("/etc/egress.yaml", environment(), {});
  }
  std::vector<std::string> faults_of(const std::string& text) {
    auto loaded = load(text);
    std::vector<std::string> out;
    if (!loaded) {
      for (const config::Fault& fault : loaded.error()) out.push_back(fault.text());
    }
    return out;
  }

  test::Authority authority_;
  std::map<std::string, std::string> variables_;
  std::map<std::string, std::string> files_;
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
  EXPECT_THAT(faults_of(std::string("tls: { certificate: none.pem, key: proxy.key }\n") + kClients),
              ElementsAre(HasSubstr("egress.yaml:1:6: tls: certificate cannot be read: /etc/none.pem")));
  files_["/etc/other.key"] = authority_.issue("other").key;
  EXPECT_THAT(faults_of(std::string("tls: { certificate: proxy.pem, key: other.key }\n") + kClients),
              ElementsAre(HasSubstr("/etc/other.key: it does not belong")));
  EXPECT_THAT(faults_of(std::string("tls: { certificate: proxy.pem }\n") + kClients),
              Contains(HasSubstr("`key`")));
  EXPECT_THAT(
      faults_of(
          std::string("tls: { certificate: proxy.pem, key: proxy.key, client_certificates: optional }\n") +
          kClients),
      Contains(HasSubstr("client_ca")));
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
  EXPECT_THAT(egress_of(environment()).error().front().text(), HasSubstr("/etc/ca.pem"));
}

}  // namespace
}  // namespace pollux::egress
