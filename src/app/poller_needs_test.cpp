// SPDX-License-Identifier: Apache-2.0
#include "app/poller_needs.hpp"

#include <gmock/gmock.h>

#include <map>

#include "tests/support/service_account.hpp"

namespace pollux::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Verb = boost::beast::http::verb;

class PollerNeedsTest : public testing::Test {
 protected:
  std::expected<egress::PollerNeeds, std::vector<config::Fault>> needs(const std::string& text) {
    config::Environment environment{
        [this](const std::string& name) -> std::optional<std::string> {
          auto found = variables_.find(name);
          return found == variables_.end() ? std::nullopt : std::optional(found->second);
        },
        [&](const std::filesystem::path&) -> Result<std::string> { return text; }};
    return poller_file(environment)("/etc/pollux.yaml");
  }
  // "user: rule (who), rule (who)" for each visitor.
  std::vector<std::string> lists(const std::string& text) {
    auto made = needs(text);
    if (!made) return {"fault: " + made.error().front().text()};
    std::vector<std::string> out;
    for (const auto& visitor : made->visitors) {
      out.push_back(visitor.user + ":");
      for (const auto& rule : visitor.allow) out.back() += " " + rule.text() + " (" + rule.place + ")";
    }
    return out;
  }
  std::string fault(const std::string& text) {
    auto made = needs(text);
    return made ? "none" : made.error().front().text();
  }

  static constexpr const char* kProxy = "proxy: http://poller:proxy-password@127.0.0.1:3128";
  static std::string upstream(const std::string& url, const std::string& more = "") {
    return "upstreams:\n  api:\n    url: " + url + "\n    " + kProxy + "\n" + more +
           "polls: { p: { every: 1m, fetch: { from: api, path: / } } }\n";
  }
  std::map<std::string, std::string> variables_;
};

TEST_F(PollerNeedsTest, are_exact_hosts_with_exact_ports) {
  EXPECT_THAT(lists(upstream("https://API.example.gov/v2")),
              ElementsAre("poller: api.example.gov:443 (pollux.yaml: upstream api)"));
  EXPECT_THAT(lists(upstream("http://api.example.gov")), ElementsAre(HasSubstr(" api.example.gov:80 ")));
  EXPECT_THAT(lists(upstream("https://api.example.gov:8443")),
              ElementsAre(HasSubstr(" api.example.gov:8443 ")));
  EXPECT_THAT(lists(upstream("https://10.1.2.3")), ElementsAre(HasSubstr(" 10.1.2.3:443 ")));
  EXPECT_THAT(lists(upstream("https://[fd00::7]:81")), ElementsAre(HasSubstr(" [fd00::7]:81 ")));
}

TEST_F(PollerNeedsTest, hold_where_tokens_are_asked_for) {
  const std::string oauth2 =
      "    auth: { oauth2: { token_url: \"https://login.example.gov/token?x=1\", client_id: a, "
      "client_secret: "
      "a-client-secret } }\n";
  EXPECT_THAT(lists(upstream("https://api.example.gov", oauth2)),
              ElementsAre("poller: api.example.gov:443 (pollux.yaml: upstream api) login.example.gov:443 "
                          "(pollux.yaml: tokens of upstream api)"));
  EXPECT_THAT(lists(upstream("https://login.example.gov", oauth2)),
              ElementsAre("poller: login.example.gov:443 (pollux.yaml: upstream api)"));
}

TEST_F(PollerNeedsTest, hold_googles_token_address_only_where_tokens_are_exchanged) {
  const std::string exchanged =
      "    auth: { google: { key: { email: a@b.example, private_key: \"${KEY}\" }, scope: read } }\n";
  const std::string self_signed =
      "    auth: { google: { key: { email: a@b.example, private_key: \"${KEY}\" }, audience: "
      "https://api.example/ } }\n";
  variables_["KEY"] = test::make_key_pair().private_key;
  EXPECT_THAT(lists(upstream("https://analytics.example", exchanged)),
              ElementsAre(HasSubstr("oauth2.googleapis.com:443 (pollux.yaml: tokens of upstream api)")));
  EXPECT_THAT(lists(upstream("https://analytics.example", self_signed)),
              ElementsAre("poller: analytics.example:443 (pollux.yaml: upstream api)"));
}

TEST_F(PollerNeedsTest, hold_the_bucket_where_it_is_asked) {
  auto store = [&](const std::string& keys) {
    return lists(
        "stores:\n  public:\n    s3: { bucket: pub, access_key_id: a, secret_access_key: a-secret-key, " +
        keys + ", " + kProxy +
        " }\nupstreams: { api: { url: https://direct.example } }\n"
        "polls: { p: { every: 1m, fetch: { from: api, path: / }, publish: { to: public, path: a } } }\n");
  };
  EXPECT_THAT(store("region: eu-west-3"),
              ElementsAre("poller: pub.s3.eu-west-3.amazonaws.com:443 (pollux.yaml: store public)"));
  EXPECT_THAT(store("region: cn-north-1, addressing: path"),
              ElementsAre(HasSubstr(" s3.cn-north-1.amazonaws.com.cn:443 ")));
  EXPECT_THAT(store("endpoint: \"http://s3.example:9000\""), ElementsAre(HasSubstr(" s3.example:9000 ")));
  EXPECT_THAT(store("endpoint: \"https://s3.example\", addressing: virtual_host"),
              ElementsAre(HasSubstr(" pub.s3.example:443 ")));
}

TEST_F(PollerNeedsTest, leave_out_what_does_not_go_through_the_proxy) {
  variables_ = {{"HTTPS_PROXY", "http://127.0.0.1:3128"}, {"NO_PROXY", "inside.example"}};
  EXPECT_THAT(lists("upstreams:\n"
                    "  straight: { url: https://straight.example }\n"
                    "  socks: { url: https://socks.example, proxy: \"socks5h://127.0.0.1:1080\" }\n"
                    "  excepted: { url: https://a.inside.example, proxy: env }\n"
                    "  plain: { url: http://plain.example, proxy: env }\n"
                    "  through: { url: https://through.example, proxy: env }\n"
                    "polls: { p: { every: 1m, fetch: { from: through, path: / } } }\n"),
              ElementsAre(": through.example:443 (pollux.yaml: upstream through)"));
}

TEST_F(PollerNeedsTest, are_a_list_for_each_user_and_a_rule_for_each_host) {
  auto one = [](const std::string& name, const std::string& url, const std::string& user) {
    return "  " + name + ": { url: " + url + ", proxy: \"http://" + user + "127.0.0.1:3128\" }\n";
  };
  EXPECT_THAT(lists("upstreams:\n" + one("a", "https://a.example/v1", "one:pass%40word@") +
                    one("b", "https://a.example/v2", "one:pass%40word@") + one("c", "https://c.example", "") +
                    "polls: { \"p-${each:api}\": { every: 1m, fetch: { from: \"${each:api}\", path: / }, "
                    "for_each: { api: [a, b, "
                    "c] } } }\n"),
              ElementsAre(": c.example:443 (pollux.yaml: upstream c)",
                          "one: a.example:443 (pollux.yaml: upstream a, upstream b)"));
  auto made = needs(upstream("https://a.example"));
  ASSERT_TRUE(made);
  EXPECT_EQ(made->visitors.at(0).password.reveal(), "proxy-password");
  EXPECT_EQ(made->proxy, "127.0.0.1:3128");
}

TEST_F(PollerNeedsTest, say_which_methods_plain_http_needs) {
  auto made = needs(upstream("http://api.example"));
  ASSERT_TRUE(made);
  EXPECT_THAT(made->methods, IsEmpty());
  made = needs(
      "upstreams: { api: { url: http://api.example, proxy: \"http://127.0.0.1:3128\" } }\n"
      "polls: { p: { every: 1m, fetch: { from: api, path: /, method: POST, json: {} } } }\n");
  ASSERT_TRUE(made) << made.error().front().text();
  EXPECT_THAT(made->methods, ElementsAre(Verb::post));
}

TEST_F(PollerNeedsTest, are_none_without_one_proxy) {
  EXPECT_THAT(fault("upstreams: { api: { url: https://a.example } }\n"
                    "polls: { p: { every: 1m, fetch: { from: api, path: / } } }\n"),
              HasSubstr("nothing in it goes through an http or https proxy"));
  EXPECT_THAT(fault("upstreams:\n  a: { url: https://a.example, proxy: \"http://one.example:1\" }\n"
                    "  b: { url: https://b.example, proxy: \"https://two.example\" }\n"
                    "polls: { p: { every: 1m, fetch: { from: a, path: / } } }\n"),
              HasSubstr("several proxies: one.example:1 and two.example:443"));
  const std::string two_passwords = fault(
      "upstreams:\n  a: { url: https://a.example, proxy: \"http://u:first-password@p.example:1\" }\n"
      "  b: { url: https://b.example, proxy: \"http://u:second-password@p.example:1\" }\n"
      "polls: { p: { every: 1m, fetch: { from: a, path: / } } }\n");
  EXPECT_THAT(two_passwords, HasSubstr("upstream b has another password"));
  EXPECT_THAT(two_passwords, testing::Not(HasSubstr("second-password")));
}

TEST_F(PollerNeedsTest, refuse_a_host_that_no_rule_can_name) {
  EXPECT_THAT(fault(upstream("https://api.example./")), HasSubstr("write api.example:443"));
  EXPECT_THAT(fault(upstream("https://127.1/")), HasSubstr("the host of upstream api"));
  EXPECT_THAT(fault(upstream("ftp://api.example/")), HasSubstr("upstreams.api.url"));
}

TEST_F(PollerNeedsTest, warn_of_redirects_that_lead_anywhere) {
  auto made = needs(upstream("https://api.example", "    redirects: any\n"));
  ASSERT_TRUE(made);
  ASSERT_THAT(made->warnings, SizeIs(1));
  EXPECT_THAT(made->warnings[0].text(), HasSubstr("upstream api: `redirects: any`"));
}

}  // namespace
}  // namespace pollux::app
