// SPDX-License-Identifier: Apache-2.0
// How a request leaves: what base_request() takes of the upstream.
#include <gtest/gtest.h>

#include "poll/fetch/request.hpp"

namespace pollux::fetch {
namespace {

TEST(BaseRequest, takes_the_whole_way_from_the_upstream) {
  config::Upstream upstream;
  upstream.proxy = Secret("https://u:p@egress:61443");
  upstream.proxy_ca_file = "/etc/proxy-ca.pem";
  upstream.ca_file = "/etc/ca.pem";
  upstream.client_certificate = {"/etc/client.pem", "/etc/client.key", Secret("opens it")};
  upstream.tls_at_least = config::TlsVersion::k13;
  net::WayOut way{upstream.proxy, "/etc/proxy-ca.pem", "/etc/ca.pem",
                  net::ClientCertificate{"/etc/client.pem", "/etc/client.key", Secret("opens it")},
                  net::TlsVersion::k13};
  EXPECT_TRUE(base_request(upstream, "https://api.example").way == way);
  EXPECT_TRUE(base_request(config::Upstream(), "https://api.example").way == net::WayOut());
}

// The token endpoint is often another host than the API.
TEST(BaseRequest, asks_the_environment_for_each_host_by_itself) {
  config::Upstream upstream;
  upstream.environment_proxy = {Secret("http://plain:1"), Secret("http://tls:2"), {".inside.example"}};
  EXPECT_EQ(base_request(upstream, "https://api.example/x").way.proxy, Secret("http://tls:2"));
  EXPECT_EQ(base_request(upstream, "http://api.example/x").way.proxy, Secret("http://plain:1"));
  auto inside = base_request(upstream, "https://login.inside.example/token");
  EXPECT_EQ(inside.way.proxy, std::nullopt);
  EXPECT_EQ(inside.proxy_for("https://api.example"), Secret("http://tls:2")) << "where a redirect may lead";
}

}  // namespace
}  // namespace pollux::fetch
