// SPDX-License-Identifier: Apache-2.0
#include "tests/system/egress_network.hpp"

#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace pollux::test {
namespace {

constexpr const char* kOutside = "10.77.2.2";
constexpr const char* kApiPort = "8443";
constexpr const char* kS3Port = "9443";

// Its own loopback port is for the test; the others reach it at the outside's address.
Nginx::Options front(const Authority& authority, const std::string& name, const std::string& port,
                     const std::string& backend) {
  return {"ssl http2",
          std::string("listen ") + kOutside + ":" + port + " ssl http2; location / { proxy_pass " + backend +
              "; proxy_http_version 1.1; proxy_set_header Host $http_host; }",
          authority.issue(name, {name}),
          {}};
}

}  // namespace

EgressNetwork::EgressNetwork(const std::string& upstream)
    // Whatever the poller's network asks a name server for is seen to leave, and answered by nobody.
    : poller_({.resolv_conf = std::string("nameserver ") + kProxy + "\noptions timeout:1 attempts:1\n"}),
      proxy_({.hosts = std::string("127.0.0.1 localhost\n") + kOutside + " " + kApi + " " + kS3 + "\n",
              .resolv_conf = "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"}) {
  join(poller_, "p0", "10.77.1.2/30", proxy_, "x0", std::string(kProxy) + "/30");
  // This one, in which the test itself runs, is the outside.
  const std::string here = std::to_string(getpid());
  proxy_.ip("link add x1 type veth peer name o0 netns " + here);
  proxy_.ip("link set x1 addrgenmode none");
  proxy_.ip("address add 10.77.2.1/30 dev x1");
  proxy_.ip("link set x1 up");
  auto made = run_program(
      {{"sh", "-c", std::string("ip address add ") + kOutside + "/30 dev o0 && ip link set o0 up"}, {}, {}});
  if (made.exit != 0) throw std::runtime_error("the outside: " + made.err);
  auto started = Radosgw::start(kS3);
  if (!started) throw std::runtime_error(started.error().message);
  s3_ = std::move(*started);
  api_front_.emplace(front(authority_, kApi, kApiPort, upstream));
  s3_front_.emplace(front(authority_, kS3, kS3Port, s3_->endpoint()));
  dir_.write("egress.yaml", std::string("listen: ") + kProxy + ":" + std::to_string(kPort) + R"(
clients:
  poller:
    user: poller
    password: ${EGRESS_PASSWORD}
    ports: )" + kApiPort + "," + kS3Port +
                                R"(
    allow: [)" + kApi + ", " + kS3 +
                                ", " + kOutside + R"(]
log: { level: debug }
)");
}

std::string EgressNetwork::api_url() const { return std::string("https://") + kApi + ":" + kApiPort; }
std::string EgressNetwork::s3_url() const { return std::string("https://") + kS3 + ":" + kS3Port; }
std::string EgressNetwork::api_address() const { return std::string(kOutside) + ":" + kApiPort; }

void EgressNetwork::start_proxy() {
  running_ = std::make_unique<Process>(
      proxy_.in({{program("pollux"), "egress"}, {{"EGRESS_PASSWORD", kPassword}}, dir_.path()}));
  if (!running_->wait_for_output("\"event\":\"start\""))
    throw std::runtime_error("pollux egress did not start: " + running_->out() + running_->err());
}

std::string EgressNetwork::stop_proxy() {
  running_->signal(SIGTERM);
  EXPECT_EQ(running_->wait(), 0);
  std::string said = running_->out() + running_->err();
  running_.reset();
  return said;
}

}  // namespace pollux::test
