// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "config/testdata/loading.hpp"
#include "tests/support/authority.hpp"

namespace pollux::config {
namespace {

using test::Authority;
using testdata::all_texts;
using testdata::texts_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// One upstream with these keys, beside these files before the usual ones, and among these variables only.
struct Egress : testing::Test {
  std::expected<Loaded, std::vector<Fault>> read(const std::string& keys) const {
    auto environment = testdata::fake_environment("upstreams: {a: {url: 'http://a', " + keys + "}}\n" +
                                                  "polls: {p: {every: 1m, fetch: {from: a}}}\n");
    environment.variable = [this](const std::string& name) -> std::optional<std::string> {
      auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    environment.read = [this, usual = environment.read](const std::filesystem::path& path) {
      auto found = files.find(path.lexically_normal().string());
      return found == files.end() ? usual(path) : Result<std::string>(found->second);
    };
    return load("/etc/pollux/pollux.yaml", environment);
  }
  Upstream good(const std::string& keys) const {
    auto loaded = read(keys);
    EXPECT_TRUE(loaded) << all_texts(loaded.error());
    return loaded ? loaded->file.upstreams.at("a") : Upstream();
  }
  std::string fault(const std::string& keys) const {
    auto loaded = read(keys);
    return loaded ? "" : all_texts(loaded.error());
  }
  std::vector<std::string> warnings(const std::string& keys) const {
    auto loaded = read(keys);
    EXPECT_TRUE(loaded) << all_texts(loaded.error());
    return loaded ? texts_of(loaded->warnings) : std::vector<std::string>{};
  }

  Authority authority;
  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> files{{"/etc/pollux/ca.pem", authority.certificate()}};
};

TEST_F(Egress, takes_proxies_of_three_kinds) {
  for (const char* proxy : {"http://p", "https://u:p@p:61443", "socks5h://user:pass-word@p:1080"}) {
    EXPECT_EQ(good("proxy: '" + std::string(proxy) + "'").proxy, Secret(proxy));
  }
}

TEST_F(Egress, refuses_proxies_that_leave_names_to_be_looked_up_here) {
  EXPECT_THAT(fault("proxy: 'socks5://p:1080'"), HasSubstr("socks5h:// leaves that to the proxy"));
  EXPECT_THAT(fault("proxy: 'socks4a://p:1080'"), HasSubstr("http, https or socks5h"));
  variables["ALL_PROXY"] = "socks5://user:hunter22@p";
  EXPECT_THAT(fault("proxy: env"), HasSubstr("socks5h:// leaves that to the proxy"));
  EXPECT_THAT(fault("proxy: env"), Not(HasSubstr("hunter22")));
}

TEST_F(Egress, takes_the_environments_proxies_only_when_asked) {
  variables = {
      {"HTTPS_PROXY", "http://me:pass-word@p:1"}, {"http_proxy", "p:2"}, {"NO_PROXY", "x,10.0.0.0/8"}};
  EXPECT_FALSE(good("concurrency: 1").environment_proxy);
  auto upstream = good("proxy: env");
  EXPECT_FALSE(upstream.proxy);
  ASSERT_TRUE(upstream.environment_proxy);
  EXPECT_EQ(upstream.environment_proxy->https, Secret("http://me:pass-word@p:1"));
  EXPECT_EQ(upstream.environment_proxy->http, Secret("http://p:2"));
  EXPECT_THAT(upstream.environment_proxy->exceptions, ElementsAre("x", "10.0.0.0/8"));
  auto loaded = read("proxy: env");
  EXPECT_THAT(loaded->file.secrets, testing::Contains(Secret("pass-word")));
}

TEST_F(Egress, warns_of_an_environment_that_says_nothing_or_two_things) {
  EXPECT_THAT(warnings("proxy: env"), ElementsAre(HasSubstr("requests go straight")));
  variables = {{"https_proxy", "http://proxy-1"}, {"HTTPS_PROXY", "http://proxy-2"}, {"no_proxy", "*x,y"}};
  EXPECT_THAT(warnings("proxy: env"),
              ElementsAre(HasSubstr("https_proxy and HTTPS_PROXY say different things"),
                          HasSubstr("`*x` in NO_PROXY can never match")));
}

TEST_F(Egress, takes_a_client_certificate_and_the_oldest_tls) {
  auto identity = authority.issue("poller");
  files["/etc/pollux/client.pem"] = identity.certificate;
  files["/etc/pollux/keys/client.key"] = Authority::encrypted(identity, "open sesame");
  auto upstream = good(
      "tls: {certificate: client.pem, key: keys/client.key, key_password: open sesame, at_least: '1.3'}");
  ASSERT_TRUE(upstream.client_certificate);
  EXPECT_EQ(upstream.client_certificate->certificate, "/etc/pollux/client.pem");
  EXPECT_EQ(upstream.client_certificate->key, "/etc/pollux/keys/client.key");
  EXPECT_EQ(upstream.client_certificate->key_password, Secret("open sesame"));
  EXPECT_EQ(upstream.tls_at_least, TlsVersion::k13);
  EXPECT_FALSE(good("tls: {at_least: '1.2'}").client_certificate);
  files["/etc/pollux/both.pem"] = identity.certificate + identity.key;
  EXPECT_EQ(good("tls: {certificate: both.pem}").client_certificate->key, "/etc/pollux/both.pem");
}

TEST_F(Egress, finds_files_that_are_not_there_or_not_what_they_should_be) {
  auto identity = authority.issue("poller");
  files["/etc/pollux/client.pem"] = identity.certificate;
  files["/etc/pollux/other.key"] = authority.issue("other").key;
  files["/etc/pollux/locked.key"] = Authority::encrypted(identity, "open sesame");
  files["/etc/pollux/text.pem"] = "no PEM\n";
  EXPECT_THAT(fault("ca_file: nowhere.pem"),
              HasSubstr("upstreams.a.ca_file: expected a file that can be read: "));
  EXPECT_THAT(fault("ca_file: text.pem"), HasSubstr("it holds no certificate in PEM"));
  EXPECT_THAT(fault("proxy: 'https://p', proxy_ca_file: text.pem"), HasSubstr("a.proxy_ca_file: `text.pem`"));
  EXPECT_THAT(fault("tls: {certificate: nowhere.pem, key: other.key}"),
              HasSubstr("a.tls.certificate: expected a file"));
  EXPECT_THAT(
      fault("tls: {certificate: client.pem, key: other.key}"),
      HasSubstr("a.tls.key: `other.key`; expected the private key of the certificate: the key is not"));
  EXPECT_THAT(fault("tls: {certificate: client.pem, key: locked.key}"), HasSubstr("it needs key_password"));
  EXPECT_THAT(fault("tls: {certificate: client.pem, key: locked.key, key_password: open barley}"),
              AllOf(HasSubstr("key_password does not open the key"), Not(HasSubstr("barley"))));
  EXPECT_THAT(fault("tls: {certificate: client.pem}"),
              HasSubstr("a.tls.certificate: `client.pem`; expected the private key"));
}

TEST_F(Egress, hands_on_the_folder_of_the_platforms_cas) {
  variables["CF_SYSTEM_CERT_PATH"] = "/etc/cf-system-certificates";
  EXPECT_EQ(read("concurrency: 1")->file.system_certificates, "/etc/cf-system-certificates");
}

}  // namespace
}  // namespace pollux::config
