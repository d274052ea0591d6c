// SPDX-License-Identifier: Apache-2.0
// `pollux egress` while nobody reads its log, as behind a log shipper that hangs.
#include <fcntl.h>
#include <gmock/gmock.h>

#include <array>
#include <csignal>
#include <utility>

#include "tests/system/egress_caller.hpp"
#include "tests/system/egress_process.hpp"

namespace pollux::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Its log is a pipe that holds a few lines.
class EgressLogTest : public testing::Test {
 protected:
  EgressLogTest() {
    if (pipe2(pipe_.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    fcntl(pipe_[1], F_SETPIPE_SZ, 4096);
    dir_.write("egress.yaml", "listen: 127.0.0.1:0\nclients: { anybody: { allow: [nowhere.example] } }\n");
    proxy_ =
        std::make_unique<Process>(Process::Options{{program("pollux"), "egress"}, {}, dir_.path(), pipe_[1]});
    close(pipe_[1]);
    read_until("\"egress\":\"");
    read_until("\"");
    port_ = log_.substr(0, log_.rfind('"'));
    port_ = port_.substr(port_.rfind(':') + 1);
  }
  ~EgressLogTest() override { close_log(); }

  void close_log() {
    if (pipe_[0] >= 0) close(std::exchange(pipe_[0], -1));
  }
  // A byte at a time: what stands behind it is left in the pipe.
  void read_until(const std::string& end) {
    const std::size_t from = log_.size();
    char byte = 0;
    while (log_.find(end, from) == std::string::npos && read(pipe_[0], &byte, 1) == 1) log_ += byte;
  }
  void deny(int times) const {
    for (int i = 0; i < times; ++i)
      ASSERT_THAT(Caller(port_).connect_to("denied.example:443"), StartsWith("HTTP/1.1 403 "))
          << "number " << i;
  }

  std::array<int, 2> pipe_{-1, -1};
  TempDir dir_;
  std::unique_ptr<Process> proxy_;
  std::string log_;
  std::string port_;
};

constexpr int kMany = 1000;  // some 300 KB of log: many pipes full

TEST_F(EgressLogTest, serves_and_ends_while_nobody_reads_its_log) {
  deny(kMany);
  proxy_->signal(SIGTERM);
  EXPECT_EQ(proxy_->wait(std::chrono::seconds(30)), 0);
}

TEST_F(EgressLogTest, has_all_of_it_for_who_reads_late) {
  deny(kMany);
  proxy_->signal(SIGTERM);
  std::array<char, 65536> part{};
  for (ssize_t count = 0; (count = read(pipe_[0], part.data(), part.size())) > 0;)
    log_.append(part.data(), static_cast<std::size_t>(count));
  EXPECT_EQ(proxy_->wait(), 0);
  int denied = 0;
  for (const json::object& line : log_lines(log_)) denied += text_of(line, "event") == "egress" ? 1 : 0;
  EXPECT_EQ(denied, kMany);
  EXPECT_THAT(log_, HasSubstr("\"message\":\"stopped\""));
}

}  // namespace
}  // namespace pollux::test
