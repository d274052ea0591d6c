// SPDX-License-Identifier: Apache-2.0
// Promise 4, no way around, as the packets tell it: a poller whose network has nothing but the egress proxy
// in it, and a watch on all that leaves. With the proxy everything works, names included, that only it can
// look up; without it nothing leaves, and each run says so.
#include <gmock/gmock.h>

#include <csignal>

#include "base/encoding.hpp"
#include "tests/system/egress_network.hpp"
#include "tests/system/in_namespaces.hpp"

namespace pollux::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kBucket = "public-data";

class EgressNamespacesTest : public CallCenter {
 protected:
  // Not in SetUp(): outside of the namespaces there is nothing to set up.
  void begin() {
    network_ = std::make_unique<EgressNetwork>(api_.url());
    auto made = network_->s3().create_bucket(kBucket);
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_TRUE(network_->s3().allow_public_read(kBucket));
    write(read_text(std::filesystem::path(POLLUX_SOURCE_DIR) / "examples/wait-times/pollux-s3.yaml"));
    replace("retry: { attempts: 3, backoff: 500ms..5s }", "retry: { attempts: 1 }");
    replace("concurrency: 4", "proxy: ${EGRESS_PROXY}\n    ca_file: ca.pem\n    concurrency: 4");
    replace("bucket: ${S3_BUCKET}",
            "bucket: ${S3_BUCKET}\n      proxy: ${EGRESS_PROXY}\n      ca_file: ca.pem");
    dir_.write("ca.pem", network_->ca());
    variables_ = {{"CALL_CENTER_API", network_->api_url()},
                  {"CALL_CENTER_LOGIN", network_->api_url()},
                  {"LISTEN", "127.0.0.1:0"},
                  {"POLL_EVERY", "1h"},
                  {"S3_BUCKET", kBucket},
                  {"S3_ENDPOINT", network_->s3_url()},
                  {"AWS_ACCESS_KEY_ID", network_->s3().access_key()},
                  {"AWS_SECRET_ACCESS_KEY", network_->s3().secret_key().reveal()},
                  {"EGRESS_PROXY", "http://poller:" + percent_encode(EgressNetwork::kPassword) + "@" +
                                       EgressNetwork::kProxy + ":" + std::to_string(EgressNetwork::kPort)}};
  }

  Finished once_inside() const {
    return run_program(network_->poller().in(options({"once"})), std::chrono::seconds(120));
  }
  Finished in_poller(const std::string& shell) const {
    return run_program(network_->poller().in({{"bash", "-c", shell}, {}, {}}));
  }
  /// As anybody on the web sees it, who is outside.
  std::string object() const {
    return get(network_->s3().endpoint() + "/" + kBucket + "/1.0/waittime.json").body;
  }

  void expect_kept(const json::object& event) const {
    EXPECT_EQ(text_of(event, "outcome"), "kept");
    EXPECT_EQ(text_of(event, "reason"), "proxy");
    EXPECT_THAT(text_of(event, "message"),
                AllOf(HasSubstr("wait-times: kept: egress proxy unreachable ("),
                      HasSubstr("the egress proxy 10.77.1.1:3128 could not be reached"),
                      HasSubstr("kept the object of")));
  }

  // The watch sees what it should: else a test with it cannot fail.
  void expect_watchful(const PacketWatch& watch) const {
    EXPECT_THAT(watch.strays(), IsEmpty());
    EXPECT_GT(watch.expected(), 20U);
    EXPECT_EQ(watch.missed(), 0U);
    EXPECT_NE(in_poller("getent ahostsv4 " + std::string(EgressNetwork::kApi)).exit, 0);
    EXPECT_THAT(watch.strays(), Contains("UDP to 10.77.1.1:53"));
    EXPECT_NE(in_poller("exec 3<>/dev/tcp/10.77.1.1/53").exit, 0);
    EXPECT_THAT(watch.strays(), Contains("TCP to 10.77.1.1:53"));
  }

  std::unique_ptr<EgressNetwork> network_;
};

TEST_F(EgressNamespacesTest, nothing_leaves_but_to_the_proxy_and_without_it_nothing_at_all) {
  POLLUX_NEEDS_PROGRAM("nginx");
  POLLUX_NEEDS_PROGRAM("radosgw");
  POLLUX_IN_NAMESPACES();
  ASSERT_NO_FATAL_FAILURE(begin());
  const PacketWatch watch(network_->poller(), EgressNetwork::kProxy, EgressNetwork::kPort);
  // Nobody but the proxy gets out of here.
  const std::string at = network_->api_address();
  const std::string reach =
      "exec 3<>/dev/tcp/" + at.substr(0, at.find(':')) + "/" + at.substr(at.find(':') + 1);
  EXPECT_THAT(in_poller(reach).err, HasSubstr("Network is unreachable"));

  network_->start_proxy();
  auto done = once_inside();
  ASSERT_EQ(done.exit, 0) << done.out << done.err;
  EXPECT_EQ(text_of(run_event(done.out), "outcome"), "published");
  const std::string first = object();
  EXPECT_EQ(parsed(first).at("call").at("estimatedWaitTimeSeconds").at("en"), 167);
  EXPECT_EQ(api_.requests(), 5);
  const std::string said = network_->stop_proxy();
  for (const char* name : {EgressNetwork::kApi, EgressNetwork::kS3})
    EXPECT_THAT(said, AllOf(HasSubstr(R"("decision":"allow")"), HasSubstr(std::string(name))));
  for (const std::string& secret :
       {std::string(EgressNetwork::kPassword), base64(std::string("poller:") + EgressNetwork::kPassword)})
    EXPECT_THAT(said + done.out + done.err, Not(HasSubstr(secret)));

  // Its program has ended; then its whole machine.
  for (const char* state : {"up", "down"}) {
    SCOPED_TRACE(state);
    network_->proxy().ip(std::string("link set x0 ") + state);
    auto kept = once_inside();
    EXPECT_EQ(kept.exit, 1) << kept.out << kept.err;
    expect_kept(run_event(kept.out));
  }
  EXPECT_EQ(api_.requests(), 5);
  EXPECT_EQ(object(), first);

  network_->proxy().ip("link set x0 up");
  network_->start_proxy();
  done = once_inside();
  EXPECT_EQ(done.exit, 0) << done.out << done.err;
  EXPECT_EQ(text_of(run_event(done.out), "outcome"), "published");
  EXPECT_EQ(api_.requests(), 10);
  EXPECT_NE(object(), first);
  expect_watchful(watch);
}

TEST_F(EgressNamespacesTest, the_daemon_keeps_while_the_proxy_is_away_and_publishes_when_it_is_back) {
  POLLUX_NEEDS_PROGRAM("nginx");
  POLLUX_NEEDS_PROGRAM("radosgw");
  POLLUX_IN_NAMESPACES();
  ASSERT_NO_FATAL_FAILURE(begin());
  variables_["POLL_EVERY"] = "1s";
  const PacketWatch watch(network_->poller(), EgressNetwork::kProxy, EgressNetwork::kPort);
  network_->start_proxy();
  Daemon daemon(network_->poller().in(options({"run"})));
  auto events = [&] { return run_events(daemon.process().out()); };
  auto published = [&] {
    return std::ranges::count_if(events(),
                                 [](const auto& event) { return text_of(event, "outcome") == "published"; });
  };
  ASSERT_TRUE(eventually([&] { return published() >= 2; }, std::chrono::seconds(60)))
      << daemon.process().out();

  network_->kill_proxy();
  // One may have been under way, with a request that was cut off in the middle.
  const std::size_t before = events().size() + 1;
  ASSERT_TRUE(eventually([&] { return events().size() >= before + 8; }, std::chrono::seconds(120)));
  const auto while_away = events();
  const auto asked = api_.requests();
  const std::string last = object();
  for (std::size_t i = before; i < while_away.size(); ++i) expect_kept(while_away[i]);

  const auto so_far = published();
  EXPECT_EQ(api_.requests(), asked);
  EXPECT_EQ(object(), last);
  network_->start_proxy();
  EXPECT_TRUE(eventually([&] { return published() >= so_far + 2; }, std::chrono::seconds(60)))
      << daemon.process().out();
  EXPECT_NE(object(), last);
  daemon.process().signal(SIGTERM);
  EXPECT_EQ(daemon.process().wait(), 0);
  expect_watchful(watch);
}

}  // namespace
}  // namespace pollux::test
