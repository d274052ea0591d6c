// SPDX-License-Identifier: Apache-2.0
// A window that follows a growing log, by programs that are killed (kill -9) at any moment: each row is
// public once, in order, and none is missing.
#include <gmock/gmock.h>
#include <poll.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <csignal>
#include <random>

#include "tests/system/call_center.hpp"

namespace pollux::test {
namespace {

using testing::HasSubstr;
using Clock = std::chrono::steady_clock;

constexpr int kDaemonKills = kSanitized ? 8 : 20;
constexpr int kOnceKills = kSanitized ? 15 : 40;

class IncrementalTest : public CallCenter {
 protected:
  static constexpr const char* kLog = "public/log.json";

  void SetUp() override {
    write_file("{directory: public}");
    variables_ = {{"API", api_.url()}, {"LISTEN", "127.0.0.1:0"}};
  }

  // No `key`: a row that came twice would stand there twice.
  void write_file(const std::string& store) {
    write(R"(state: data/state.db
listen: ${LISTEN}
log: {format: json}
upstreams:
  api: {url: "${API}", retry: {attempts: 1}}
stores:
  public: )" +
          store + R"(
polls:
  log:
    every: 1s
    cursor: "[.[].id] | max"
    window: {last: 1000000}
    fetch: {from: api, path: /log, query: {after: "${cursor}", grow: 3, limit: 100000}}
    transform: {jq: 'map({id, at})'}
)");
  }

  // How many rows are public. They are the log's first ones, or the test fails.
  std::size_t rows() const {
    std::string text = read_text(dir_ / kLog);
    if (text.empty()) return 0;
    const json::value value = parsed(text);
    const json::array& list = value.as_array();
    for (std::size_t i = 0; i < list.size(); ++i) {
      auto id = list[i].at("id").to_number<std::size_t>();
      EXPECT_EQ(id, i + 1) << "row " << i;
      if (id != i + 1) break;
    }
    return list.size();
  }

  // As long as the log was when it was last asked.
  std::size_t grown() const {
    return 5 + 3 * api_.stats().at("requests").at("/log").to_number<std::size_t>();
  }
};

TEST_F(IncrementalTest, has_each_row_once_though_the_daemon_was_killed_at_any_moment) {
  std::mt19937 random(20260102);
  std::uniform_int_distribution<int> pause(10, 1300);
  std::size_t seen = 0;
  for (int i = 0; i < kDaemonKills; ++i) {
    {
      Process daemon(options({"run"}));
      daemon.wait(std::chrono::milliseconds(pause(random)));
      daemon.signal(SIGKILL);
      daemon.wait();
    }
    std::size_t now = rows();
    EXPECT_GE(now, seen) << "what was public is gone";
    seen = now;
    if (HasFailure()) return;
  }
  // How far the others came is chance: one that lives makes the runs many.
  {
    Process daemon(options({"run"}));
    EXPECT_TRUE(eventually([&] { return grown() >= 5 + 3 * 5U; }, std::chrono::seconds(60))) << grown();
    daemon.signal(SIGKILL);
    daemon.wait();
  }
  auto last = once();
  ASSERT_EQ(last.exit, 0) << last.out << last.err;
  EXPECT_EQ(rows(), grown());
}

TEST_F(IncrementalTest, has_each_row_once_though_once_was_killed_earlier_or_later) {
  auto begun = Clock::now();
  ASSERT_EQ(once().exit, 0);
  auto whole = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun);
  for (int i = 1; i <= kOnceKills; ++i) {
    Process run(options({"once"}));
    run.wait(std::chrono::duration_cast<std::chrono::milliseconds>(whole * i / kOnceKills));
    run.signal(SIGKILL);
    run.wait();
    rows();
    if (HasFailure()) return;
  }
  ASSERT_EQ(once().exit, 0);
  EXPECT_EQ(rows(), grown());
}

// A store that accepts and never answers: a run that hangs in its PUT has announced its object, and cannot
// know whether it is public.
TEST_F(IncrementalTest, finishes_what_was_killed_while_the_store_had_not_answered) {
  ASSERT_EQ(once().exit, 0);
  boost::asio::io_context io;
  using boost::asio::ip::tcp;
  tcp::acceptor silent(io, tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0));
  write_file("{s3: {bucket: silent, region: us-east-1, endpoint: \"http://127.0.0.1:" +
             std::to_string(silent.local_endpoint().port()) +
             "\", access_key_id: a, secret_access_key: b12345678}}");
  {
    Process run(options({"once"}));
    pollfd waiting{silent.native_handle(), POLLIN, 0};
    ASSERT_EQ(::poll(&waiting, 1, 30'000), 1) << run.out() << run.err();
    run.signal(SIGKILL);
    run.wait();
  }
  EXPECT_EQ(rows(), 8U);
  write_file("{directory: public}");
  // The log can be asked no more: what was begun becomes public without it.
  api_.fault({{"match", "/log"}, {"fault", "status"}, {"status", 503}});
  auto down = once();
  EXPECT_EQ(down.exit, 1);
  EXPECT_THAT(down.out, HasSubstr("finished what a run that was cut off had begun"));
  EXPECT_EQ(text_of(run_event(down.out), "outcome"), "kept");
  EXPECT_EQ(rows(), 11U);
  api_.heal();
  ASSERT_EQ(once().exit, 0);
  EXPECT_EQ(rows(), grown());
}

}  // namespace
}  // namespace pollux::test
