#pragma once
// SPDX-License-Identifier: Apache-2.0
// The call centre in three networks: poller | proxy | outside. The poller's has one way out, to the proxy's
// address; upstream and bucket are outside, both over TLS, under names that only the proxy's network knows.
// No network forwards, and none has a route beyond its neighbour. To be made inside of begin_in_namespaces().

#include <memory>
#include <optional>
#include <string>

#include "tests/support/namespace.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/radosgw.hpp"
#include "tests/system/call_center.hpp"

namespace pollux::test {

class EgressNetwork {
 public:
  static constexpr const char* kProxy = "10.77.1.1";
  static constexpr std::uint16_t kPort = 3128;
  static constexpr const char* kApi = "api.outside.test";
  static constexpr const char* kS3 = "s3.outside.test";
  static constexpr const char* kPassword = "a+pass=word/of the-poller";

  /// `upstream`: "http://127.0.0.1:PORT" of whoever answers for the API. Throws where it cannot be made.
  explicit EgressNetwork(const std::string& upstream);

  const Namespace& poller() const { return poller_; }
  const Namespace& proxy() const { return proxy_; }
  const std::string& ca() const { return ca_; }
  Radosgw& s3() { return *s3_; }
  /// "https://api.outside.test:PORT"
  std::string api_url() const;
  std::string s3_url() const;
  /// The address and port that the upstream has outside.
  std::string api_address() const;

  /// `pollux egress`, which listens when this returns.
  void start_proxy();
  /// By SIGTERM: what it has logged.
  std::string stop_proxy();
  /// At once, as a machine that loses power.
  void kill_proxy() { running_.reset(); }

 private:
  Authority authority_{"Outside CA"};
  std::string ca_ = authority_.certificate();
  Namespace poller_;
  Namespace proxy_;
  std::unique_ptr<Radosgw> s3_;
  std::optional<Nginx> api_front_;
  std::optional<Nginx> s3_front_;
  TempDir dir_;
  std::unique_ptr<Process> running_;
};

}  // namespace pollux::test
