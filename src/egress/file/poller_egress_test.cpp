// SPDX-License-Identifier: Apache-2.0
#include "egress/file/poller_egress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pollux::egress {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using Verb = boost::beast::http::verb;

Rule rule(const std::string& text, const std::string& place) {
  Rule out = *parse_rule(text);
  out.place = place;
  return out;
}

class PollerEgressTest : public testing::Test {
 protected:
  config::Environment environment() {
    return {[](const std::string& name) -> std::optional<std::string> {
              return name == "EGRESS_PASSWORD" ? std::optional<std::string>("the-pollers-password")
                                               : std::nullopt;
            },
            [this](const std::filesystem::path&) -> Result<std::string> { return text_; }};
  }
  std::expected<LoadedEgress, EgressFaults> load(const std::string& text) {
    text_ = text;
    return load_egress("/etc/egress.yaml", environment(), [this](const std::filesystem::path& path) {
      asked_ = path;
      return std::expected<PollerNeeds, std::vector<config::Fault>>(needs_);
    });
  }
  std::string fault(const std::string& text) {
    auto loaded = load(text);
    return loaded ? "none" : loaded.error().front().text();
  }
  static bool may(const ProxyClient& client, const std::string& authority) {
    return judge_target(client.policy, *parse_authority(authority)).passes();
  }

  const Secret password_{"the-pollers-password"};
  PollerNeeds needs_{"/etc/pollux.yaml",
                     "127.0.0.1:3128",
                     false,
                     {{"poller",
                       password_,
                       {rule("api.example:443", "pollux.yaml: upstream api"),
                        rule("[fd00::1]:9000", "pollux.yaml: store public")}}},
                     {Verb::put},
                     {password_},
                     {}};
  std::filesystem::path asked_;
  std::string text_;
};

TEST_F(PollerEgressTest, serves_the_poller_and_nobody_else) {
  const EgressFile file = egress_for(needs_, {"127.0.0.1", 3128});
  ASSERT_THAT(file.clients, SizeIs(1));
  EXPECT_EQ(file.clients[0].policy.name, "poller");
  EXPECT_EQ(file.clients[0].user, "poller");
  EXPECT_TRUE(may(file.clients[0], "api.example:443"));
  EXPECT_FALSE(may(file.clients[0], "api.example:80"));
  EXPECT_FALSE(may(file.clients[0], "a.api.example:443"));
  EXPECT_THAT(file.clients[0].methods, ElementsAre(Verb::get, Verb::head, Verb::put));
}

TEST_F(PollerEgressTest, writes_a_file_that_means_the_same_and_holds_no_secret) {
  needs_.visitors[0].user = "the ${poller}";
  const std::string text = egress_yaml(needs_, {"::1", 3129});
  EXPECT_THAT(text, Not(HasSubstr("the-pollers-password")));
  auto loaded = load(text);
  ASSERT_TRUE(loaded) << text << loaded.error().front().text();
  EXPECT_EQ(loaded->file.listen.host, "::1");
  EXPECT_EQ(loaded->file.listen.port, 3129);
  ASSERT_THAT(loaded->file.clients, SizeIs(1));
  const ProxyClient& client = loaded->file.clients[0];
  EXPECT_EQ(client.policy.name, "poller");
  EXPECT_EQ(client.user, "the ${poller}");
  EXPECT_EQ(client.password.reveal(), password_.reveal());
  ASSERT_THAT(client.policy.allow.rules(), SizeIs(2));
  EXPECT_EQ(client.policy.allow.rules()[1].text(), "[fd00::1]:9000");
  EXPECT_THAT(client.methods, ElementsAre(Verb::get, Verb::head, Verb::put));
}

TEST_F(PollerEgressTest, numbers_the_passwords_of_several_users) {
  needs_.visitors.push_back({"", Secret(), {rule("b.example:443", "b")}});
  needs_.visitors.push_back({"not a name", password_, {rule("c.example:443", "c")}});
  const std::string text = egress_yaml(needs_, {"127.0.0.1", 3128});
  EXPECT_THAT(text, HasSubstr("password: ${EGRESS_PASSWORD_1}"));
  EXPECT_THAT(text, HasSubstr("\n  poller-2:\n    allow:\n      - b.example:443"));
  EXPECT_THAT(text, HasSubstr("  poller-3:\n    user: \"not a name\"\n    password: ${EGRESS_PASSWORD_3}"));
}

TEST_F(PollerEgressTest, hides_a_host_that_came_out_of_a_secret) {
  needs_.secrets.emplace_back("api.example");
  EXPECT_THAT(egress_yaml(needs_, {"127.0.0.1", 3128}), Not(HasSubstr("api.example")));
}

TEST_F(PollerEgressTest, listens_where_the_poller_looks_for_it_on_this_machine) {
  auto place = [&](const std::string& proxy) {
    needs_.proxy = proxy;
    const config::Listen listen = listen_for(needs_);
    return listen.host + " " + std::to_string(listen.port);
  };
  EXPECT_EQ(place("127.0.0.1:3129"), "127.0.0.1 3129");
  EXPECT_EQ(place("LocalHost:3129"), "127.0.0.1 3129");
  EXPECT_EQ(place("[::1]:80"), "::1 80");
  EXPECT_EQ(place("egress.internal:61443"), "127.0.0.1 3128");
  EXPECT_EQ(place("10.0.0.1:61443"), "127.0.0.1 3128");
}

TEST_F(PollerEgressTest, takes_lists_and_credentials_of_a_client_from_the_pollers_file) {
  auto loaded = load("clients:\n  a: { for: ../pollux.yaml, allow: [more.example] }\n");
  ASSERT_TRUE(loaded) << loaded.error().front().text();
  EXPECT_EQ(asked_, "/etc/../pollux.yaml");
  const ProxyClient& client = loaded->file.clients.at(0);
  EXPECT_EQ(client.policy.name, "a");
  EXPECT_EQ(client.user, "poller");
  EXPECT_EQ(client.password.reveal(), password_.reveal());
  EXPECT_TRUE(may(client, "api.example:443"));
  EXPECT_TRUE(may(client, "more.example:443"));
  EXPECT_FALSE(may(client, "other.example:443"));
  EXPECT_THAT(client.methods, Contains(Verb::put));
  EXPECT_THAT(loaded->file.secrets, SizeIs(1));
}

TEST_F(PollerEgressTest, widens_the_methods_of_no_other_client) {
  auto loaded = load("clients:\n  a: { for: pollux.yaml }\n  b: { allow: [b.example] }\n");
  ASSERT_TRUE(loaded) << loaded.error().front().text();
  EXPECT_THAT(loaded->file.clients.at(0).methods, ElementsAre(Verb::get, Verb::head, Verb::put));
  EXPECT_THAT(loaded->file.clients.at(1).methods, ElementsAre(Verb::get, Verb::head));
}

TEST_F(PollerEgressTest, tells_where_client_and_poller_do_not_fit) {
  const std::string user = ", user: poller, password: ";
  EXPECT_EQ(fault("clients:\n  a: { for: pollux.yaml" + user + "${EGRESS_PASSWORD} }\n"), "none");
  const std::string other = fault("clients:\n  a: { for: pollux.yaml" + user + "another-password }\n");
  EXPECT_THAT(other,
              HasSubstr("egress.yaml:2:13: clients.a.for: pollux.yaml has another password for poller"));
  EXPECT_THAT(fault("clients:\n  a: { for: pollux.yaml, user: backup, password: another-password }\n"),
              HasSubstr("comes to its proxy as poller; expected that it comes as backup"));
  needs_.visitors.push_back({"", Secret(), {}});
  EXPECT_THAT(fault("clients:\n  a: { for: pollux.yaml }\n"), HasSubstr("as poller, and without a user"));
}

TEST_F(PollerEgressTest, passes_on_what_is_wrong_with_the_pollers_file) {
  text_ = "clients: { a: { for: pollux.yaml } }\n";
  auto loaded = load_egress("/etc/egress.yaml", environment(), [](const std::filesystem::path& path) {
    return std::expected<PollerNeeds, std::vector<config::Fault>>(
        std::unexpected(std::vector<config::Fault>{{path, {}, "upstreams", "", "a map", "", false}}));
  });
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().front().text(), HasSubstr("/etc/pollux.yaml: upstreams: expected a map"));
}

}  // namespace
}  // namespace pollux::egress
