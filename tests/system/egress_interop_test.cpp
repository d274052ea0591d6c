// SPDX-License-Identifier: Apache-2.0
// Our proxy with other people's clients, and our poller with other people's proxy.
#include <gmock/gmock.h>

#include "base/encoding.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/peers.hpp"
#include "tests/support/radosgw.hpp"
#include "tests/support/squid.hpp"
#include "tests/system/egress_clients.hpp"
#include "tests/system/egress_process.hpp"

namespace pollux::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kPassword = "a pass:word+/of=the client";
constexpr const char* kDenied = R"("reason":"not_allowed")";

class EgressInteropTest : public testing::TestWithParam<ProxyUser> {
 protected:
  void SetUp() override {
    POLLUX_NEEDS_PROGRAM(GetParam().program);
    POLLUX_NEEDS_PROGRAM("nginx");
    Nginx::Options options{"ssl http2",
                           "location / { default_type text/plain; return 200 'well\\n'; }",
                           authority_.issue("server"),
                           {}};
    tls_.emplace(options);
    options.listen = "";
    options.server = {};
    plain_.emplace(options);
    dir_.write("ca.pem", authority_.certificate());
    dir_.write("egress.yaml", R"(
listen: 127.0.0.1:0
clients:
  other:
    user: other
    password: ${EGRESS_PASSWORD}
    ports: 1-65535
    allow: [localhost, 127.0.0.1, "::1"]
log: { level: debug }
)");
    proxy_ = std::make_unique<EgressProcess>(
        Process::Options{{program("pollux"), "egress"}, {{"EGRESS_PASSWORD", kPassword}}, dir_.path()});
  }

  /// What the client prints.
  std::string ask(const std::string& url, const std::string& password = kPassword) const {
    std::vector<std::string> argv = GetParam().run;
    argv.push_back(url);
    auto done = run_program({std::move(argv),
                             {{"PROXY_HOST", "127.0.0.1"},
                              {"PROXY_PORT", proxy_->port()},
                              {"PROXY_USER", "other"},
                              {"PROXY_PASSWORD", password},
                              {"CA", (dir_ / "ca.pem").string()}},
                             {}});
    EXPECT_NE(done.out, "") << done.err;
    return done.out;
  }
  std::string https() const { return "https://localhost:" + std::to_string(tls_->port()) + "/"; }
  std::string http() const { return "http://localhost:" + std::to_string(plain_->port()) + "/"; }

  Authority authority_{"Interop CA"};
  std::optional<Nginx> tls_;
  std::optional<Nginx> plain_;
  TempDir dir_;
  std::unique_ptr<EgressProcess> proxy_;
};

TEST_P(EgressInteropTest, gets_through_over_https_and_http) {
  EXPECT_EQ(ask(https()), "200 text/plain\nwell\n");
  EXPECT_EQ(ask(http()), "200 text/plain\nwell\n");
  EXPECT_THAT(proxy_->said(), AllOf(HasSubstr(R"("decision":"allow")"), HasSubstr(R"("client":"other")"),
                                    HasSubstr(R"("method":"CONNECT")"), HasSubstr(R"("method":"GET")")));
}

TEST_P(EgressInteropTest, is_told_why_a_host_is_denied) {
  // Of the four only Node hands out what comes behind a refused CONNECT.
  const bool sees_it = GetParam().name == "node";
  EXPECT_THAT(ask("https://denied.example/"),
              AllOf(StartsWith(sees_it ? "403 application/problem+json\n" : "403 "),
                    HasSubstr(sees_it ? kDenied : "")));
  EXPECT_THAT(ask("http://denied.example/"),
              AllOf(StartsWith("403 application/problem+json\n"), HasSubstr(kDenied)));
  EXPECT_THAT(proxy_->said(), AllOf(HasSubstr(R"("decision":"deny")"), HasSubstr("denied.example:443")));
}

TEST_P(EgressInteropTest, is_refused_with_a_wrong_password_which_is_in_no_log) {
  const std::string wrong = "not the pass:word";
  EXPECT_THAT(ask(https(), wrong), StartsWith("407 "));
  EXPECT_THAT(ask(http(), wrong), StartsWith("407 application/problem+json\n"));
  EXPECT_EQ(ask(https()), "200 text/plain\nwell\n");
  for (const std::string& password : {wrong, std::string(kPassword)}) {
    EXPECT_THAT(proxy_->said(), AllOf(Not(HasSubstr(password)), Not(HasSubstr(base64("other:" + password)))));
  }
}

INSTANTIATE_TEST_SUITE_P(Clients, EgressInteropTest, testing::ValuesIn(proxy_users()),
                         [](const auto& client) { return client.param.name; });

// What our poller is told by our proxy. Neither list nor password gets better by being asked again.
class EgressRefusalTest : public CallCenter {
 protected:
  void SetUp() override {
    CallCenter::SetUp();
    replace("retry: { attempts: 1 }",
            "proxy: ${EGRESS_PROXY}\n    retry: { attempts: 3, backoff: 1ms..2ms }");
    dir_.write("egress.yaml",
               "listen: 127.0.0.1:0\nclients:\n  poller: { user: poller, password: right-password, allow: "
               "[allowed.example] }\n");
    proxy_ =
        std::make_unique<EgressProcess>(Process::Options{{program("pollux"), "egress"}, {}, dir_.path()});
    use("right-password");
  }
  void use(const std::string& password) {
    variables_["EGRESS_PROXY"] = "http://poller:" + password + "@127.0.0.1:" + proxy_->port();
  }
  std::string message(const std::string& login) {
    variables_["CALL_CENTER_LOGIN"] = login;
    const json::object event = run_event(once().out);
    EXPECT_EQ(text_of(event, "reason"), "proxy");
    EXPECT_THAT(text_of(event, "message"), AllOf(Not(HasSubstr("unreachable")), Not(HasSubstr("attempts"))));
    return text_of(event, "message");
  }

  std::unique_ptr<EgressProcess> proxy_;
};

TEST_F(EgressRefusalTest, is_told_with_its_reason_and_not_tried_again) {
  EXPECT_THAT(
      message("https://denied.example"),
      HasSubstr("denied denied.example with 403: not_allowed (http_request_denied); it does not let"));
  EXPECT_THAT(message("https://allowed.example:8443"), HasSubstr("with 403: port (http_request_denied)"));
  EXPECT_THAT(message("https://127.0.0.1:443"),
              HasSubstr("with 403: not_public (destination_ip_prohibited)"));
  // A POST, which this proxy does not take in plain http, whoever it is for.
  EXPECT_THAT(message("http://denied.example"), HasSubstr("the proxy answered 405 itself: "));
  use("wrong-password");
  EXPECT_THAT(message("https://allowed.example"),
              HasSubstr("refused the credentials with 407: credentials ("));
  EXPECT_THAT(message("http://allowed.example"), HasSubstr("the proxy answered 407 itself: credentials ("));
}

// The whole of the poller's way, its bucket too, through Squid with a user and a password.
class EgressSquidTest : public CallCenter {};

TEST_F(EgressSquidTest, publishes_to_a_bucket_through_squid) {
  POLLUX_NEEDS_PROGRAM("squid");
  POLLUX_NEEDS_RADOSGW();
  Radosgw& s3 = *shared_radosgw().server;
  ASSERT_TRUE(s3.create_bucket("by-squid"));
  ASSERT_TRUE(s3.allow_public_read("by-squid"));
  write(read_text(std::filesystem::path(POLLUX_SOURCE_DIR) / "examples/wait-times/pollux-s3.yaml"));
  replace("retry: { attempts: 3, backoff: 500ms..5s }", "retry: { attempts: 1 }");
  replace("concurrency: 4", "proxy: ${EGRESS_PROXY}\n    concurrency: 4");
  replace("bucket: ${S3_BUCKET}", "bucket: ${S3_BUCKET}\n      proxy: ${EGRESS_PROXY}");
  auto squid = std::make_optional<Squid>(Squid::Options{"poller", "squid-password", {}, {}, {}});
  const std::string at = "@127.0.0.1:" + std::to_string(squid->port());
  variables_.insert({{"S3_BUCKET", "by-squid"},
                     {"S3_ENDPOINT", s3.endpoint()},
                     {"AWS_ACCESS_KEY_ID", s3.access_key()},
                     {"AWS_SECRET_ACCESS_KEY", s3.secret_key().reveal()},
                     {"EGRESS_PROXY", "http://poller:squid-password" + at}});
  auto done = once();
  ASSERT_EQ(done.exit, 0) << done.out << done.err;
  EXPECT_EQ(get(s3.endpoint() + "/by-squid/1.0/waittime.json").status, 200);
  EXPECT_THAT(squid->seen(7),
              Contains(HasSubstr("PUT " + s3.endpoint() + "/by-squid/1.0/waittime.json poller")));

  squid.reset();
  auto kept = once();
  EXPECT_EQ(kept.exit, 1);
  EXPECT_THAT(text_of(run_event(kept.out), "message"), HasSubstr("kept: egress proxy unreachable ("));
}

}  // namespace
}  // namespace pollux::test
