#pragma once
// SPDX-License-Identifier: Apache-2.0
// A real S3 server for tests and the demo: Ceph's radosgw with one monitor and one object store in memory,
// from nothing, on free loopback ports, in a directory of its own; up in about two seconds, killed by pid at
// the end. Blocking; one thread.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/config.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::test {

class Radosgw {
 public:
  /// Which of its programs are not installed; empty: it can be started.
  static std::vector<std::string> missing_programs();

  /// Tries again on other ports where one was taken meanwhile. The error names the step that failed and the
  /// end of its output. `name`: the host under which it is asked for, besides its address; it takes any other
  /// for the name of a bucket.
  static Result<std::unique_ptr<Radosgw>> start(const std::string& name = "localhost");

  ~Radosgw();
  Radosgw(const Radosgw&) = delete;
  Radosgw& operator=(const Radosgw&) = delete;

  /// "http://127.0.0.1:PORT"; also reachable as localhost and, for a bucket, BUCKET.localhost.
  std::string endpoint() const;
  std::uint16_t port() const { return port_; }
  const std::string& access_key() const { return access_key_; }
  const Secret& secret_key() const { return secret_key_; }

  Result<void> create_bucket(const std::string& bucket);
  /// Anybody may read the objects, nobody may list them.
  Result<void> allow_public_read(const std::string& bucket);
  /// The CORS rule; "*" for any origin.
  Result<void> allow_origins(const std::string& bucket, const std::vector<std::string>& origins);

  /// How a poller would be told of `bucket`, with the right keys.
  config::S3Store store(const std::string& bucket) const;

 private:
  explicit Radosgw(std::string name);
  Result<void> boot();
  void write_config();
  Result<void> start_monitor();
  Result<void> start_osd();
  Result<void> create_user();
  Result<void> start_gateway();
  Result<void> run(std::vector<std::string> argv);
  std::unique_ptr<Process> spawn(std::vector<std::string> argv);
  Result<void> admin(const std::string& bucket, const std::string& query, const std::string& body);

  TempDir dir_;
  std::string name_;
  std::string fsid_;
  std::uint16_t monitor_port_ = 0;
  std::uint16_t port_ = 0;
  std::string access_key_ = "POLLUXTESTACCESSKEY1";
  Secret secret_key_{"pollux/test+secret=not-a-real-one"};
  std::unique_ptr<Process> monitor_;
  std::unique_ptr<Process> osd_;
  std::unique_ptr<Process> gateway_;
};

/// The one server that all tests of a program share, started by the first that asks.
struct SharedRadosgw {
  Radosgw* server = nullptr;
  std::string absent;      // why there is none
  bool must_fail = false;  // the test must fail, not skip: it could not start, or POLLUX_REQUIRE_PEERS=1
};
const SharedRadosgw& shared_radosgw();

}  // namespace pollux::test

/// At the start of a test or of SetUp(): ends it where there is no server.
#define POLLUX_NEEDS_RADOSGW()                                           \
  do {                                                                   \
    const auto& peer = ::pollux::test::shared_radosgw();                 \
    if (peer.server == nullptr && peer.must_fail) FAIL() << peer.absent; \
    if (peer.server == nullptr) GTEST_SKIP() << peer.absent;             \
  } while (false)
