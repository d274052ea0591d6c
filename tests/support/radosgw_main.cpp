// SPDX-License-Identifier: Apache-2.0
// radosgw-for-demo [ORIGIN...]: an S3 server with one bucket that anybody may read, from pages of the origins
// given (any, if none). Prints KEY=VALUE lines for a shell to read, then runs until SIGINT or SIGTERM.
#include <csignal>
#include <iostream>
#include <string>
#include <vector>

#include "tests/support/radosgw.hpp"

namespace {

constexpr const char* kBucket = "pollux-demo";

int refuse(const std::string& why) {
  std::cerr << "radosgw-for-demo: " << why << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  // Blocked before anything is started, so that a signal that comes early still ends all of it in order.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  sigprocmask(SIG_BLOCK, &ends, nullptr);

  auto missing = pollux::test::Radosgw::missing_programs();
  if (!missing.empty())
    return refuse(missing.front() + " is not installed (Debian: radosgw ceph-mon ceph-osd)");
  auto started = pollux::test::Radosgw::start();
  if (!started) return refuse(started.error().message);
  auto& server = **started;
  std::vector<std::string> origins(argv + 1, argv + argc);
  if (origins.empty()) origins.emplace_back("*");
  auto ready = server.create_bucket(kBucket);
  if (ready) ready = server.allow_public_read(kBucket);
  if (ready) ready = server.allow_origins(kBucket, origins);
  if (!ready) return refuse(ready.error().message);

  std::cout << "S3_ENDPOINT=" << server.endpoint() << "\nS3_BUCKET=" << kBucket << "\nS3_REGION=us-east-1"
            << "\nS3_ACCESS_KEY_ID=" << server.access_key()
            << "\nS3_SECRET_ACCESS_KEY=" << server.secret_key().reveal() << std::endl;
  int number = 0;
  sigwait(&ends, &number);
  return 0;
}
