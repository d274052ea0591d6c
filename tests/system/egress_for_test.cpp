// SPDX-License-Identifier: Apache-2.0
// `pollux egress --for pollux.yaml`: the lists are what that file needs, and nothing more.
#include <gmock/gmock.h>

#include "tests/system/egress_process.hpp"

namespace pollux::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class EgressForTest : public CallCenter {
 protected:
  void SetUp() override {
    CallCenter::SetUp();
    replace("concurrency: 4", "proxy: ${EGRESS_PROXY}\n    concurrency: 4");
    variables_["EGRESS_PROXY"] = "http://poller:egress-password@127.0.0.1:" + std::to_string(free_port());
  }
  // What the proxy answers to whoever asks for an address of plain http.
  int status_of(const std::string& url, const std::string& proxy) const {
    net::HttpRequest request;
    request.url = url;
    request.way.proxy = Secret(proxy);
    return ask(std::move(request)).status;
  }
  void expect_poll_through(const EgressProcess& egress) {
    const auto before = api_.requests();
    const auto done = once();
    EXPECT_EQ(done.exit, 0) << done.out << done.err;
    EXPECT_EQ(api_.requests() - before, 5);
    EXPECT_THAT(egress.decisions(5), AllOf(SizeIs(5), Each(StartsWith("allow " + api_.address()))));
  }
};

TEST_F(EgressForTest, serves_the_poller_where_it_looks_for_it_and_lets_it_reach_nothing_else) {
  EgressProcess egress(options({"egress", "--for", "pollux.yaml", "--log-level", "debug"}));
  const std::string proxy = variables_["EGRESS_PROXY"];
  EXPECT_EQ("http://poller:egress-password@" + egress.address(), proxy);
  expect_poll_through(egress);
  EXPECT_THAT(egress.decisions(5), Each(HasSubstr("pollux.yaml: upstream contact-center")));
  SampleApi other;
  EXPECT_EQ(status_of(other.url(), proxy), 403);
  EXPECT_EQ(other.requests(), 0);
  EXPECT_EQ(status_of(api_.url(), "http://poller:wrong-password@" + egress.address()), 407);
  EXPECT_EQ(status_of(api_.url(), "http://" + egress.address()), 407);
  EXPECT_THAT(egress.said(), Not(HasSubstr("egress-password")));
}

TEST_F(EgressForTest, prints_a_file_without_secrets_that_serves_the_same) {
  const auto printed = pollux({"egress", "--for", "pollux.yaml", "--print", "--listen", "0"});
  EXPECT_EQ(printed.exit, 0) << printed.err;
  EXPECT_EQ(printed.out,
            "# What pollux.yaml leads to through the proxy " +
                variables_["EGRESS_PROXY"].substr(variables_["EGRESS_PROXY"].rfind('@') + 1) +
                ", and nothing more.\nlisten: 127.0.0.1:0\nmethods: [GET, HEAD, POST]  # of plain http\n"
                "clients:\n  poller:\n    user: \"poller\"\n    password: ${EGRESS_PASSWORD}\n    allow:\n   "
                "   - " +
                api_.address() + "  # pollux.yaml: upstream contact-center\n");
  dir_.write("egress.yaml", printed.out);
  variables_["EGRESS_PASSWORD"] = "egress-password";
  EgressProcess egress(options({"egress"}));
  variables_["EGRESS_PROXY"] = "http://poller:egress-password@" + egress.address();
  expect_poll_through(egress);
}

TEST_F(EgressForTest, follows_the_pollers_file_when_that_changes) {
  dir_.write("egress.yaml", "listen: 127.0.0.1:0\nclients: { poller: { for: pollux.yaml } }\n");
  EgressProcess egress(options({"egress"}));
  const std::string proxy = "http://poller:egress-password@" + egress.address();
  SampleApi other;
  EXPECT_EQ(status_of(other.url() + "/items", proxy), 403);
  replace("upstreams:\n",
          "upstreams:\n  other: { url: \"" + other.url() + "\", proxy: \"${EGRESS_PROXY}\" }\n");
  ASSERT_TRUE(egress.process().wait_for_output("the lists of 1 client; tunnels stay"));
  EXPECT_EQ(status_of(other.url() + "/items", proxy), 200);
  replace("upstreams:\n", "upstream:\n");
  ASSERT_TRUE(egress.process().wait_for_output("the lists of before stay"));
  EXPECT_THAT(egress.process().out(), HasSubstr("clients.poller.for"));
  EXPECT_EQ(status_of(other.url() + "/items", proxy), 200);
}

TEST_F(EgressForTest, ends_with_2_where_there_is_no_proxy_to_be) {
  variables_["EGRESS_PROXY"] = "";
  const auto done = pollux({"egress", "--for", "pollux.yaml"});
  EXPECT_EQ(done.exit, 2);
  EXPECT_THAT(done.err, HasSubstr("pollux.yaml: nothing in it goes through an http or https proxy"));
}

}  // namespace
}  // namespace pollux::test
