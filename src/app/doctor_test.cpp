// SPDX-License-Identifier: Apache-2.0
#include "app/doctor.hpp"

#include <gmock/gmock.h>

#include "app/proxy_address.hpp"

namespace pollux::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr Time kNow{std::chrono::sys_days{std::chrono::year(2026) / 11 / 23}};

class DoctorTest : public testing::Test {
 protected:
  DoctorTest() {
    destination_.name = "api";
    destination_.request.url = "https://api.example/v1";
    through("http://poller:pass-word@127.0.0.1:3128");
    seen_.opened = seen_.proxy = {"127.0.0.1:3128"};
    seen_.connect_status = 200;
    seen_.tls = net::TlsSeen{"TLSv1.3", "TLS_AES_128_GCM_SHA256", certificate(80), ""};
  }
  static net::PeerCertificate certificate(int days) {
    return {"CN=api.example", "CN=Some CA", kNow - std::chrono::days(30), kNow + std::chrono::days(days)};
  }
  void through(const std::string& proxy) { destination_.request.way.proxy = Secret(proxy); }
  void fails(ErrorKind kind, const std::string& message) {
    seen_.error = Error{kind, message, Retry::never(), {}};
  }

  Diagnosis diagnosis() const { return judge(destination_, seen_, kNow, variables_, "pollux.yaml"); }
  // "ok proxy", "FAULT tls" and so on, as they are printed.
  std::vector<std::string> outcomes() const {
    static constexpr const char* kWords[] = {"ok", "note", "FAULT", "-"};
    std::vector<std::string> out;
    for (const Check& check : diagnosis().checks)
      out.push_back(std::string(kWords[static_cast<int>(check.outcome)]) + " " + check.name);
    return out;
  }
  Check check(const std::string& name) const {
    for (Check& one : diagnosis().checks) {
      if (one.name == name) return one;
    }
    return {"none", Check::Outcome::kFault, "no such check", "", {}};
  }

  Destination destination_;
  net::Probe seen_;
  std::vector<std::string> variables_;
};

TEST_F(DoctorTest, finds_all_well) {
  EXPECT_THAT(outcomes(), ElementsAre("ok proxy", "ok decision", "ok tls", "ok direct"));
  EXPECT_EQ(check("proxy").found, "http://127.0.0.1:3128, as poller");
  EXPECT_EQ(check("decision").found, "200 when asked for api.example:443");
  EXPECT_EQ(check("tls").found,
            "TLSv1.3, TLS_AES_128_GCM_SHA256; CN=api.example, issued by CN=Some CA; good until 2027-02-11, "
            "80 days");
  EXPECT_EQ(check("direct").found, "not used and not tried: connected to 127.0.0.1:3128 alone");
  EXPECT_EQ(diagnosis().address, "https://api.example:443");
}

TEST_F(DoctorTest, says_what_to_do_about_each_answer_of_the_proxy) {
  seen_.tls.reset();
  fails(ErrorKind::kProxy, "the proxy says no");
  auto mend = [&](int status) {
    seen_.connect_status = status;
    EXPECT_THAT(outcomes(), ElementsAre("ok proxy", "FAULT decision", "- tls", "ok direct")) << status;
    return check("decision").mend;
  };
  EXPECT_THAT(mend(403), HasSubstr("allow api.example:443 there; `pollux egress --for pollux.yaml --print`"));
  EXPECT_THAT(mend(407), HasSubstr("user or password"));
  EXPECT_THAT(mend(502), HasSubstr("did not reach api.example:443"));
  EXPECT_THAT(mend(0), HasSubstr("does a proxy run at 127.0.0.1:3128"));
}

TEST_F(DoctorTest, tells_the_proxys_tls_from_the_servers) {
  through("https://egress.example");
  seen_.opened = seen_.proxy = {"192.0.2.1:443"};
  seen_.proxy_tls = seen_.tls;
  EXPECT_THAT(outcomes(), ElementsAre("ok proxy", "ok proxy_tls", "ok decision", "ok tls", "ok direct"));
  fails(ErrorKind::kTls, "not trusted");
  EXPECT_THAT(outcomes(), ElementsAre("ok proxy", "ok proxy_tls", "ok decision", "FAULT tls", "ok direct"));
  seen_.tls.reset();
  seen_.connect_status = 0;
  seen_.proxy_tls->version = "";
  EXPECT_THAT(outcomes(), ElementsAre("ok proxy", "FAULT proxy_tls", "- decision", "- tls", "ok direct"));
  seen_.proxy_tls.reset();
  fails(ErrorKind::kProxy, "nobody there");
  EXPECT_THAT(outcomes(), ElementsAre("ok proxy", "- proxy_tls", "FAULT decision", "- tls", "ok direct"));
}

TEST_F(DoctorTest, tells_of_certificates_that_end) {
  seen_.tls->peer = certificate(13);
  EXPECT_THAT(outcomes(), ElementsAre("ok proxy", "ok decision", "note tls", "ok direct"));
  seen_.tls->peer = certificate(-1);
  seen_.tls->distrust = "certificate has expired";
  fails(ErrorKind::kTls, "no trusted TLS connection");
  EXPECT_EQ(check("tls").outcome, Check::Outcome::kFault);
  EXPECT_THAT(check("tls").found,
              HasSubstr("it showed CN=api.example, issued by CN=Some CA, good from 2026-10-24 to "
                        "2026-11-22"));
  EXPECT_THAT(check("tls").mend, HasSubstr("renew its certificate"));
  seen_.tls->peer = certificate(80);
  seen_.tls->distrust = "unable to get local issuer certificate";
  EXPECT_THAT(check("tls").mend, HasSubstr("`ca_file`"));
}

TEST_F(DoctorTest, finds_any_connection_that_is_not_to_the_proxy) {
  seen_.opened.push_back("192.0.2.7:443");
  EXPECT_EQ(check("direct").outcome, Check::Outcome::kFault);
  EXPECT_EQ(check("direct").found, "connected to 192.0.2.7:443, which is not the proxy");
  through("https://egress.example:443");
  seen_.proxy = {"192.0.2.1:443", "[2001:db8::1]:443"};
  seen_.opened = {"192.0.2.1:443", "[2001:db8::1]:443"};
  EXPECT_EQ(check("direct").outcome, Check::Outcome::kOk);
  for (const char* other : {"192.0.2.1:3128", "192.0.2.7:443"}) {
    seen_.opened = {other};
    EXPECT_EQ(check("direct").outcome, Check::Outcome::kFault) << "the proxy's port alone, or its host alone";
  }
  seen_.opened = {};
  EXPECT_EQ(check("direct").found, "not used and not tried: nothing was connected to");
}

TEST_F(DoctorTest, names_the_variables_that_play_no_part) {
  variables_ = {"HTTPS_PROXY", "NO_PROXY"};
  EXPECT_THAT(check("direct").found, HasSubstr("; HTTPS_PROXY, NO_PROXY of the environment play no part"));
  destination_.request.proxy_for = [](const std::string&) { return std::optional<Secret>(); };
  EXPECT_THAT(check("proxy").found, HasSubstr("as the environment says"));
  EXPECT_THAT(check("direct").found, Not(HasSubstr("no part")));
}

TEST_F(DoctorTest, has_a_note_where_no_proxy_is_declared) {
  destination_.request.way.proxy.reset();
  seen_.opened = {"192.0.2.7:443"};
  EXPECT_THAT(outcomes(), ElementsAre("note proxy", "ok reach", "ok tls"));
  seen_.tls.reset();
  fails(ErrorKind::kNetwork, "the name was not found");
  EXPECT_THAT(outcomes(), ElementsAre("note proxy", "FAULT reach", "- tls"));
}

TEST_F(DoctorTest, judges_the_answer_of_plain_http) {
  destination_.request.url = "http://api.example/v1";
  seen_ = net::Probe();
  auto outcome = [&](int status, net::Headers headers) {
    seen_.status = status;
    seen_.headers = std::move(headers);
    return check("decision").outcome;
  };
  EXPECT_EQ(outcome(200, {}), Check::Outcome::kOk);
  EXPECT_EQ(outcome(404, {}), Check::Outcome::kNote) << "nobody knows whose it is";
  EXPECT_EQ(outcome(407, {}), Check::Outcome::kFault);
  EXPECT_EQ(outcome(403, {{"X-Squid-Error", "ERR_ACCESS_DENIED 0"}}), Check::Outcome::kFault);
  EXPECT_THAT(check("decision").found, HasSubstr("ERR_ACCESS_DENIED 0"));
}

TEST_F(DoctorTest, prints_what_people_and_programs_read) {
  seen_.tls.reset();
  seen_.connect_status = 403;
  fails(ErrorKind::kProxy, "the proxy says no");
  EXPECT_EQ(diagnosis_text({diagnosis()}),
            "upstream api, https://api.example:443\n"
            "  ok     proxy      http://127.0.0.1:3128, as poller\n"
            "  FAULT  decision   the proxy says no\n"
            "                    to do: allow api.example:443 there; `pollux egress --for pollux.yaml "
            "--print` writes "
            "all that is needed\n"
            "  -      tls        not tried: the way ends before it\n"
            "  ok     direct     not used and not tried: connected to 127.0.0.1:3128 alone\n"
            "\n1 destination: 1 fault\n");
  const std::string json = diagnosis_json({diagnosis()});
  EXPECT_THAT(
      json,
      HasSubstr(R"({"faults":1,"destinations":[{"of":"upstream api","address":"https://api.example:443")"));
  EXPECT_THAT(json,
              HasSubstr(R"({"check":"decision","outcome":"fault","found":"the proxy says no","mend":)"));
  EXPECT_THAT(json, HasSubstr(R"("proxy_status":"403")"));
  EXPECT_THAT(json, HasSubstr(R"({"check":"tls","outcome":"not_tried")"));
}

TEST(ProxyAddress, has_its_parts) {
  const auto parts = proxy_address(Secret("https://po%40ll:p%3Aw:x@Egress.Example"));
  EXPECT_EQ(parts.scheme + " " + parts.place + " " + parts.user + " " + parts.password.reveal(),
            "https egress.example:443 po@ll p:w:x");
  EXPECT_EQ(proxy_address(Secret("http://[::1]")).place, "[::1]:80");
  EXPECT_EQ(proxy_address(Secret("socks5h://a.example")).place, "a.example:1080");
  EXPECT_EQ(proxy_address(Secret("socks5h://A.example:9")).place, "a.example:9");
  EXPECT_EQ(proxy_address(Secret("http://key@a.example")).user, "key");
}

}  // namespace
}  // namespace pollux::app
