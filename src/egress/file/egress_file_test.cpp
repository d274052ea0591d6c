// SPDX-License-Identifier: Apache-2.0
#include "egress/file/egress_file_test.hpp"

#include <gmock/gmock.h>

namespace pollux::egress {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class EgressFileTest : public EgressFileFixture {
 protected:
  static bool may(const ProxyClient& client, const std::string& authority) {
    return judge_target(client.policy, *parse_authority(authority)).passes();
  }
};

TEST_F(EgressFileTest, has_clients_with_lists_of_their_own) {
  variables_["POLLER_PASSWORD"] = "a good password";
  files_["/etc/allow.acl"] = "# today's\n*.example.org\n";
  auto loaded = load(R"(
listen: 0.0.0.0:61443
idle_timeout: 2m
clients:
  poller:
    user: poll
    password: ${POLLER_PASSWORD}
    allow: [api.example.gov, "files.example.gov:8443"]
    deny: [bad.example.org]
    allow_files: [allow.acl]
  backup: { mode: report, ports: 22, allow: [backup.example.gov] }
)");
  ASSERT_TRUE(loaded) << loaded.error().front().text();
  const EgressFile& file = loaded->file;
  EXPECT_EQ(file.listen.port, 61443);
  EXPECT_EQ(file.options.idle_timeout, std::chrono::minutes(2));
  ASSERT_EQ(file.clients.size(), 2U);
  const ProxyClient& poller = file.clients[0];
  EXPECT_EQ(poller.policy.name, "poller");
  EXPECT_EQ(poller.password.reveal(), "a good password");
  EXPECT_TRUE(may(poller, "api.example.gov:443"));
  EXPECT_TRUE(may(poller, "files.example.gov:8443"));
  EXPECT_TRUE(may(poller, "a.example.org:443"));
  EXPECT_FALSE(may(poller, "bad.example.org:443"));
  EXPECT_FALSE(may(poller, "api.example.gov:22"));
  EXPECT_EQ(judge_target(poller.policy, *parse_authority("a.example.org:443")).place, "allow.acl:2");
  EXPECT_EQ(judge_target(poller.policy, *parse_authority("api.example.gov:443")).place, "egress.yaml:8");
  EXPECT_EQ(file.clients[1].policy.mode, Mode::kReport);
  EXPECT_TRUE(may(file.clients[1], "backup.example.gov:22"));
  EXPECT_EQ(file.secrets.size(), 1U);
}

TEST_F(EgressFileTest, tells_all_faults_at_once_with_their_lines) {
  files_["/etc/bad.acl"] = "good.example\n127.1\n";
  auto faults = faults_of(R"(clients:
  a:
    user: one
    allow: [http://api.example.gov/, "10.1.2.3/8"]
    deny_files: [bad.acl, none.acl]
  b: { ports: 443-80 }
  c: { mode: open }
)");
  EXPECT_THAT(faults, Contains(HasSubstr("egress.yaml:4:13: clients.a.allow[0]")));
  EXPECT_THAT(faults, Contains(HasSubstr("egress.yaml:4:")));
  EXPECT_THAT(faults, Contains(HasSubstr("10.0.0.0/8")));
  EXPECT_THAT(faults, Contains(HasSubstr("bad.acl:2")));
  EXPECT_THAT(faults, Contains(HasSubstr("clients.a.deny_files[1]")));
  EXPECT_THAT(faults, Contains(HasSubstr("clients.b.ports")));
  EXPECT_THAT(faults, Contains(HasSubstr("clients.c.mode")));
  EXPECT_THAT(faults, Contains(HasSubstr("password")));
}

TEST_F(EgressFileTest, wants_a_user_of_its_own_for_each_client) {
  EXPECT_THAT(faults_of("clients:\n  a: { allow: [x.example] }\n  b: { allow: [y.example] }\n"),
              Contains(HasSubstr("clients.b: a second client without `user`")));
}

TEST_F(EgressFileTest, has_the_server_names_of_tunnels_looked_at_where_it_says_so) {
  auto loaded = load(R"(clients:
  a: { user: a, password: "a long one", allow: [a.example], sni: match }
  b: { user: b, password: "a long one", allow: [b.example], sni: strict, sni_ports: "443,8443" }
  c: { allow: [c.example] }
)");
  ASSERT_TRUE(loaded) << loaded.error().front().text();
  const auto& clients = loaded->file.clients;
  EXPECT_EQ(clients[0].policy.sni, SniCheck::kMatch);
  EXPECT_EQ(clients[0].policy.sni_ports.text(), "443");
  EXPECT_EQ(clients[1].policy.sni, SniCheck::kStrict);
  EXPECT_EQ(clients[1].policy.sni_ports.text(), "443,8443");
  EXPECT_EQ(clients[2].policy.sni, SniCheck::kAny);
  EXPECT_THAT(faults_of("clients:\n  a: { allow: [a.example], sni: true, sni_ports: 443 }\n"),
              Contains(HasSubstr("clients.a.sni")));
  EXPECT_THAT(faults_of("clients:\n  a: { allow: [a.example], sni_ports: 443 }\n"),
              Contains(HasSubstr("sni")));
}

TEST_F(EgressFileTest, trusts_the_load_balancers_that_it_names) {
  auto loaded = load("proxy_protocol: [10.0.0.0/8, 192.0.2.1]\nclients: { a: { allow: [x.example] } }\n");
  ASSERT_TRUE(loaded) << loaded.error().front().text();
  EXPECT_THAT(loaded->file.options.proxy_protocol,
              ElementsAre(*Cidr::parse("10.0.0.0/8"), *Cidr::parse("192.0.2.1/32")));
  EXPECT_THAT(faults_of("proxy_protocol: [10.1.2.3/8, true]\nclients: { a: { allow: [x.example] } }\n"),
              ElementsAre(HasSubstr("10.0.0.0/8"), HasSubstr("proxy_protocol[1]")));
  EXPECT_THAT(faults_of("proxy_protocol: true\nclients: { a: { allow: [x.example] } }\n"),
              Contains(HasSubstr("a list of networks")));
}

TEST_F(EgressFileTest, wants_clients) {
  EXPECT_THAT(faults_of(""), Contains(HasSubstr("clients")));
  EXPECT_THAT(faults_of("listen: 127.0.0.1:1\n"), Contains(HasSubstr("clients")));
}

TEST_F(EgressFileTest, takes_the_place_of_todays_proxy_by_its_variables) {
  variables_ = {{"PROXY_ALLOW", "*.example.gov api.example.org\n10.1.0.0/16"},
                {"PROXY_DENY", "bad.example.gov"},
                {"PROXY_PORTS", "443 61443"},
                {"PROXY_USERNAME", "poll"},
                {"PROXY_PASSWORD", "a good password"},
                {"PORT", "8081"}};
  auto loaded = egress_of(environment());
  ASSERT_TRUE(loaded) << loaded.error().front().text();
  EXPECT_EQ(loaded->file.listen.host, "0.0.0.0");
  EXPECT_EQ(loaded->file.listen.port, 8081);
  const ProxyClient& client = loaded->file.clients.at(0);
  EXPECT_EQ(client.user, "poll");
  EXPECT_TRUE(may(client, "a.example.gov:61443"));
  EXPECT_TRUE(may(client, "10.1.2.3:443"));
  EXPECT_FALSE(may(client, "bad.example.gov:443"));
  EXPECT_FALSE(may(client, "a.example.gov:80"));
  EXPECT_EQ(loaded->file.secrets.size(), 1U);
}

TEST_F(EgressFileTest, is_open_to_everybody_only_if_that_is_said) {
  variables_ = {{"PROXY_ALLOW", "*.example.gov"}};
  auto loaded = egress_of(environment());
  ASSERT_FALSE(loaded) << "an unbound secret is no reason to serve the whole network";
  EXPECT_THAT(loaded.error().front().text(), HasSubstr("PROXY_ANYBODY"));
  variables_["PROXY_ANYBODY"] = "true";
  EXPECT_EQ(egress_of(environment())->file.clients.at(0).user, "");
}

TEST_F(EgressFileTest, takes_what_is_set_for_all_clients) {
  auto loaded = load(R"(
methods: [POST]
metrics: 127.0.0.1:9128
head_timeout: 2s
keep_alive: 3s
answer_timeout: 4s
clients: { a: { tunnel_bytes: 5MiB, allow: [api.example.gov] } }
)");
  ASSERT_TRUE(loaded) << loaded.error().front().text();
  const ProxyOptions& options = loaded->file.options;
  EXPECT_THAT(loaded->file.clients.at(0).methods, ElementsAre(boost::beast::http::verb::post));
  EXPECT_EQ(loaded->file.metrics->port, 9128);
  EXPECT_EQ(options.head_timeout, std::chrono::seconds(2));
  EXPECT_EQ(options.keep_alive, std::chrono::seconds(3));
  EXPECT_EQ(options.answer_timeout, std::chrono::seconds(4));
  EXPECT_EQ(loaded->file.clients.at(0).most_bytes, 5U << 20);
}

TEST_F(EgressFileTest, tells_which_variable_is_wrong) {
  variables_ = {{"PROXY_ALLOW", "good.example 127.1"}, {"PROXY_PASSWORD", "secret"}, {"PORT", "http"}};
  auto loaded = egress_of(environment());
  ASSERT_FALSE(loaded);
  EXPECT_THAT(texts(loaded.error()),
              ElementsAre(HasSubstr("PROXY_ALLOW:2"), HasSubstr("PROXY_USERNAME"), HasSubstr("PORT")));
}

}  // namespace
}  // namespace pollux::egress
