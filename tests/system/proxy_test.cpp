// SPDX-License-Identifier: Apache-2.0
// Promise 4, no way around: with a proxy declared, everything goes through it or nowhere.
#include "tests/support/recording_proxy.hpp"

#include <gmock/gmock.h>

#include "tests/system/call_center.hpp"

namespace pollux::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class ProxyTest : public CallCenter {
 protected:
  void SetUp() override {
    CallCenter::SetUp();
    replace("concurrency: 4", "proxy: ${EGRESS_PROXY}\n    concurrency: 4");
    variables_["EGRESS_PROXY"] = "";
  }

  void use(std::uint16_t port, const std::string& user = "") {
    variables_["EGRESS_PROXY"] = "http://" + user + "127.0.0.1:" + std::to_string(port);
  }
};

TEST_F(ProxyTest, asks_nobody_when_the_proxy_is_dead) {
  ASSERT_EQ(once().exit, 0);
  auto before = object();
  auto asked = api_.requests();
  use(free_port());
  auto kept = once();
  EXPECT_EQ(kept.exit, 1);
  auto event = run_event(kept.out);
  EXPECT_EQ(text_of(event, "outcome"), "kept");
  EXPECT_EQ(text_of(event, "reason"), "proxy");
  EXPECT_THAT(text_of(event, "message"), HasSubstr("proxy"));
  EXPECT_EQ(api_.requests(), asked) << "not one request may go around it";
  EXPECT_EQ(object(), before);
  EXPECT_EQ(text_of(status(), "reason"), "the source could not be reached");
}

TEST_F(ProxyTest, sends_everything_through_the_proxy_tokens_too) {
  RecordingProxy proxy;
  use(proxy.port());
  auto done = once();
  ASSERT_EQ(done.exit, 0) << done.out;
  EXPECT_THAT(proxy.requests(), SizeIs(5));
  EXPECT_EQ(api_.requests(), 5);
  EXPECT_THAT(proxy.requests(), Contains("POST " + api_.url() + "/oauth/token"));
  EXPECT_THAT(proxy.requests(),
              Contains(StartsWith("GET " + api_.url() + "/api/v2/routing/queues/sp-queue/")));
}

TEST_F(ProxyTest, leaves_the_name_of_the_upstream_to_the_proxy) {
  RecordingProxy proxy;
  use(proxy.port());
  variables_["CALL_CENTER_LOGIN"] = "http://login.upstream.invalid";
  auto done = once();
  EXPECT_EQ(done.exit, 1);
  // The name exists nowhere: had it been looked up here, the proxy would not have been asked.
  EXPECT_THAT(proxy.requests(), Contains("POST http://login.upstream.invalid/oauth/token"));
  EXPECT_THAT(text_of(run_event(done.out), "message"), Not(HasSubstr("was not found")));
}

TEST_F(ProxyTest, sends_the_proxys_credentials_to_it_and_hides_them) {
  RecordingProxy proxy("poller:proxy-password-marker");
  use(proxy.port(), "poller:proxy-password-marker@");
  auto done = once({"--log-level", "debug"});
  EXPECT_EQ(done.exit, 0) << done.out;
  use(proxy.port(), "poller:wrong-password-marker@");
  auto refused = once({"--log-level", "debug"});
  EXPECT_EQ(refused.exit, 1);
  auto event = run_event(refused.out);
  EXPECT_EQ(text_of(event, "reason"), "proxy");
  EXPECT_THAT(text_of(event, "message"), AllOf(HasSubstr("407"), HasSubstr("user and password")));
  EXPECT_THAT(done.out + done.err + refused.out + refused.err, Not(HasSubstr("password-marker")));
}

TEST_F(ProxyTest, asks_the_proxy_for_a_tunnel_to_an_https_upstream) {
  RecordingProxy proxy;
  use(proxy.port());
  variables_["CALL_CENTER_LOGIN"] = "https://" + api_.address();  // speaks no TLS: the tunnel is what counts
  auto done = once();
  EXPECT_EQ(done.exit, 1);
  EXPECT_THAT(proxy.requests(), Each("CONNECT " + api_.address()));
  EXPECT_THAT(proxy.requests(), Not(IsEmpty()));
  EXPECT_EQ(text_of(run_event(done.out), "reason"), "tls");
}

TEST_F(ProxyTest, takes_no_proxy_from_the_environment) {
  RecordingProxy proxy;
  std::string address = "http://127.0.0.1:" + std::to_string(proxy.port());
  for (const char* name :
       {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    variables_[name] = address;
  }
  auto done = once();
  EXPECT_EQ(done.exit, 0) << done.out;
  EXPECT_THAT(proxy.requests(), IsEmpty());
}

TEST_F(ProxyTest, lets_no_variable_lead_around_the_declared_proxy) {
  RecordingProxy proxy;
  use(proxy.port());
  for (const char* name : {"no_proxy", "NO_PROXY"}) variables_[name] = "127.0.0.1,*";
  EXPECT_EQ(once().exit, 0);
  EXPECT_THAT(proxy.requests(), SizeIs(5));
}

TEST_F(ProxyTest, follows_a_redirect_through_the_proxy_too) {
  RecordingProxy proxy;
  use(proxy.port());
  api_.fault({{"match", "/en-queue/mediatypes/call/"},
              {"fault", "redirect_elsewhere"},
              {"to", "/api/v2/routing/queues/sp-queue/mediatypes/call/estimatedwaittime"},
              {"times", 1}});
  auto done = once();
  ASSERT_EQ(done.exit, 0) << done.out;
  EXPECT_THAT(proxy.requests(), SizeIs(6));
}

}  // namespace
}  // namespace pollux::test
