// SPDX-License-Identifier: Apache-2.0
// `pollux doctor` before real proxies and a real server with TLS: what it finds, what it does not send, and
// what it never shows.
#include <gmock/gmock.h>

#include "tests/support/nginx.hpp"
#include "tests/support/peers.hpp"
#include "tests/support/recording_proxy.hpp"
#include "tests/support/squid.hpp"
#include "tests/system/egress_process.hpp"

namespace pollux::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

// That nothing finds but the proxies.
constexpr const char* kName = "api.upstream.invalid";

// Certificates of an Authority are good for two days, which is a note.
class DoctorTest : public CallCenter {
 protected:
  void SetUp() override {
    POLLUX_NEEDS_PROGRAM("nginx");
    dir_.write("ca.pem", authority_.certificate());
    nginx_ = std::make_unique<Nginx>(serving(false));
    variables_["API_TOKEN"] = "marker-api-token";
    variables_["EGRESS_PROXY"] = "";
  }
  Nginx::Options serving(bool expired) const {
    return {"ssl http2",
            "ssl_protocols TLSv1.3; location / { return 200 'well\n'; }",
            authority_.issue("server", {kName}, expired),
            {}};
  }
  void write_for(const std::string& url, const std::string& more = "ca_file: ca.pem") {
    write("upstreams:\n  api:\n    url: " + url +
          "\n    auth: { bearer: \"${API_TOKEN}\" }\n    proxy: ${EGRESS_PROXY}\n    " + more +
          "\npolls: { p: { every: 1m, fetch: { from: api, path: /marker-path } } }\n");
  }
  std::string url() const { return "https://" + nginx_->address(); }

  Finished doctor(int exit, Words more = {}) const {
    more.insert(more.begin(), "doctor");
    Finished done = pollux(std::move(more));
    EXPECT_EQ(done.exit, exit) << done.out << done.err;
    EXPECT_THAT(done.out + done.err, Not(HasSubstr("marker")));
    return done;
  }
  // "ok proxy", "fault tls" and so on, of each destination one behind the other.
  Words outcomes(int exit) const {
    Words out;
    const json::value found = parsed(doctor(exit, {"--format", "json"}).out);
    for (const json::value& one : found.at("destinations").as_array()) {
      for (const json::value& check : one.at("checks").as_array())
        out.push_back(text_of(check.as_object(), "outcome") + " " + text_of(check.as_object(), "check"));
    }
    return out;
  }

  Authority authority_;
  std::unique_ptr<Nginx> nginx_;
};

TEST_F(DoctorTest, finds_all_well_behind_pollux_egress_and_shows_all_of_it) {
  write_for(url());
  variables_["EGRESS_PROXY"] = "http://poller:marker-password@127.0.0.1:" + std::to_string(free_port());
  EgressProcess egress(options({"egress", "--for", "pollux.yaml"}));
  const auto done = doctor(0);
  std::istringstream lines(done.out);
  Words out;
  for (std::string line; std::getline(lines, line);) out.push_back(line);
  EXPECT_THAT(
      out,
      ElementsAre("upstream api, " + url(), "  ok     proxy      http://" + egress.address() + ", as poller",
                  "  ok     decision   200 when asked for " + nginx_->address(),
                  AllOf(StartsWith("  note   tls        TLSv1.3, TLS_"),
                        HasSubstr("; CN=server, issued by CN=Pollux Test CA; good until ")),
                  "                    to do: it must be renewed soon",
                  "  ok     direct     not used and not tried: connected to " + egress.address() + " alone",
                  "", "1 destination: no fault"));
  EXPECT_THAT(egress.decisions(1), ElementsAre("allow " + nginx_->address() + " pollux.yaml: upstream api"));
  // What nginx logs first is a request of the test's own: the doctor's handshake was all.
  net::HttpRequest own;
  own.url = url() + "/own";
  own.way.ca_file = dir_ / "ca.pem";
  EXPECT_EQ(ask(std::move(own)).status, 200);
  ASSERT_THAT(nginx_->seen(), SizeIs(1));
  EXPECT_EQ(nginx_->seen()[0].uri, "/own");
}

TEST_F(DoctorTest, tells_what_pollux_egress_denies) {
  write_for(url());
  dir_.write("egress.yaml",
             "listen: 127.0.0.1:0\nclients: { poller: { user: poller, password: marker-password, allow: "
             "[a.example] } }\n");
  EgressProcess egress(options({"egress"}));
  variables_["EGRESS_PROXY"] = "http://poller:marker-password@" + egress.address();
  EXPECT_THAT(outcomes(1), ElementsAre("ok proxy", "fault decision", "not_tried tls", "ok direct"));
  EXPECT_THAT(doctor(1).out,
              AllOf(HasSubstr("  FAULT  decision "), HasSubstr("403"),
                    HasSubstr("to do: allow " + nginx_->address() + " there"), HasSubstr(": 1 fault\n")));
  variables_["EGRESS_PROXY"] = "http://poller:marker-wrong@" + egress.address();
  EXPECT_THAT(doctor(1).out,
              AllOf(HasSubstr("407"), HasSubstr("to do: mend the user or password of `proxy`")));
}

TEST_F(DoctorTest, tells_that_the_proxy_is_not_there_and_tries_no_other_way) {
  write_for(url());
  const std::string away = "127.0.0.1:" + std::to_string(free_port());
  variables_["EGRESS_PROXY"] = "http://poller:marker-password@" + away;
  RecordingProxy elsewhere;
  for (const char* name : {"HTTPS_PROXY", "ALL_PROXY"})
    variables_[name] = "http://127.0.0.1:" + std::to_string(elsewhere.port());
  variables_["NO_PROXY"] = "*";
  EXPECT_THAT(outcomes(1), ElementsAre("ok proxy", "fault decision", "not_tried tls", "ok direct"));
  EXPECT_THAT(doctor(1).out,
              AllOf(HasSubstr("could not be reached"), HasSubstr("to do: does a proxy run at " + away),
                    HasSubstr("connected to " + away +
                              " alone; HTTPS_PROXY, ALL_PROXY, NO_PROXY of the "
                              "environment play no part")));
  EXPECT_THAT(elsewhere.requests(), IsEmpty());
}

TEST_F(DoctorTest, sees_through_squid_with_tls_to_the_proxy) {
  POLLUX_NEEDS_PROGRAM("squid");
  const std::string target = kName + (":" + std::to_string(nginx_->port()));
  Authority proxys("Proxy CA");
  Squid squid(
      {"poller", "marker-password", proxys.issue("egress"), {"denied.invalid"}, {kName, "denied.invalid"}});
  dir_.write("proxy-ca.pem", proxys.certificate());
  variables_["EGRESS_PROXY"] = "https://poller:marker-password@127.0.0.1:" + std::to_string(squid.tls_port());
  write_for("https://" + target);
  EXPECT_THAT(outcomes(1),
              ElementsAre("ok proxy", "fault proxy_tls", "not_tried decision", "not_tried tls", "ok direct"));
  EXPECT_THAT(doctor(1).out,
              AllOf(HasSubstr("it showed CN=egress, issued by CN=Proxy CA"), HasSubstr("proxy_ca_file")));
  write_for("https://" + target, "ca_file: ca.pem\n    proxy_ca_file: proxy-ca.pem");
  EXPECT_THAT(outcomes(0), ElementsAre("ok proxy", "note proxy_tls", "ok decision", "note tls", "ok direct"));
  EXPECT_THAT(squid.seen(), Contains(AllOf(HasSubstr("CONNECT " + target), HasSubstr(" poller"))));
  // Of plain http a proxy judges requests: one HEAD of / is sent, without the token.
  write_for("http://denied.invalid/v1", "proxy_ca_file: proxy-ca.pem");
  EXPECT_THAT(outcomes(1), ElementsAre("ok proxy", "note proxy_tls", "fault decision", "ok direct"));
  EXPECT_THAT(squid.seen(), Contains(HasSubstr("HEAD http://denied.invalid")));
  EXPECT_THAT(doctor(1).out, HasSubstr("ERR_ACCESS_DENIED"));
}

TEST_F(DoctorTest, tells_whose_certificate_is_not_trusted_and_why) {
  nginx_ = std::make_unique<Nginx>(serving(true));
  write_for(url());
  EXPECT_THAT(outcomes(1), ElementsAre("note proxy", "ok reach", "fault tls"));
  EXPECT_THAT(doctor(1).out,
              AllOf(HasSubstr("expired"), HasSubstr("it showed CN=server, issued by CN=Pollux Test CA"),
                    HasSubstr("to do: who runs it must renew its certificate")));
  nginx_ = std::make_unique<Nginx>(serving(false));
  write_for(url(), "timeout: 5s");
  EXPECT_THAT(doctor(1).out, AllOf(HasSubstr("local issuer"), HasSubstr("to do: `ca_file`")));
  dir_.write("platform/ca.crt", authority_.certificate());
  variables_["CF_SYSTEM_CERT_PATH"] = (dir_ / "platform").string();
  EXPECT_THAT(outcomes(0), ElementsAre("note proxy", "ok reach", "note tls")) << "as the runs trust";
}

TEST_F(DoctorTest, looks_at_token_endpoints_and_buckets_too) {
  RecordingProxy proxy("", {{"login.invalid", "127.0.0.1"}, {"pub.s3.invalid", "127.0.0.1"}});
  variables_["EGRESS_PROXY"] = "http://127.0.0.1:" + std::to_string(proxy.port());
  const std::string port = ":" + std::to_string(nginx_->port());
  write("upstreams:\n  api:\n    url: https://127.0.0.1" + port +
        "\n    ca_file: ca.pem\n    proxy: ${EGRESS_PROXY}\n    auth: { oauth2: { token_url: "
        "\"https://login.invalid" +
        port +
        "/token\", client_id: a, client_secret: \"${API_TOKEN}\" } }\n"
        "stores:\n  pub: { s3: { bucket: pub, endpoint: \"https://s3.invalid" +
        port +
        "\", addressing: virtual_host, access_key_id: a, secret_access_key: \"${API_TOKEN}\", proxy: "
        "\"${EGRESS_PROXY}\" } }\n"
        "polls: { p: { every: 1m, fetch: { from: api, path: / }, publish: { to: pub, path: a } } }\n");
  const auto found = doctor(1).out;
  EXPECT_THAT(proxy.requests(),
              testing::UnorderedElementsAre("CONNECT 127.0.0.1" + port, "CONNECT login.invalid" + port,
                                            "CONNECT pub.s3.invalid" + port));
  EXPECT_THAT(found,
              AllOf(HasSubstr("tokens of upstream api, https://login.invalid" + port),
                    HasSubstr("store pub, https://pub.s3.invalid" + port), HasSubstr("3 destinations: ")));
}

TEST_F(DoctorTest, ends_with_2_where_the_file_is_wrong) {
  write("upstreams: {}\n");
  EXPECT_THAT(doctor(2).err, HasSubstr("pollux.yaml:"));
  EXPECT_EQ(doctor(2, {"--format", "xml"}).exit, 2);
}

}  // namespace
}  // namespace pollux::test
