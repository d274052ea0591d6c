// SPDX-License-Identifier: Apache-2.0
// What `./dev demo` runs, as somebody sees it who tries Pollux for the first time.
#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <list>
#include <sstream>

#include "tests/support/radosgw.hpp"
#include "tests/system/call_center.hpp"

namespace pollux::test {
namespace {

using boost::asio::ip::tcp;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr auto kBound = std::chrono::seconds(120);

class DemoTest : public testing::Test {
 protected:
  Process::Options demo(Words words) const {
    Words argv{std::string(POLLUX_SOURCE_DIR) + "/examples/wait-times/demo.sh", POLLUX_BINARY_DIR};
    argv.insert(argv.end(), words.begin(), words.end());
    return {std::move(argv), {{"TMPDIR", folder_.path().string()}}, folder_.path()};
  }

  bool nothing_left() const { return std::filesystem::is_empty(folder_.path()); }

  // Where somebody else holds it already, so much the better.
  void take(std::uint16_t port) {
    auto& taken = taken_.emplace_back(io_);
    boost::system::error_code error;
    taken.open(tcp::v4());
    taken.set_option(tcp::acceptor::reuse_address(true));
    taken.bind({boost::asio::ip::address_v4::loopback(), port}, error);
    if (!error) taken.listen(8, error);
  }

  static void expect_wait_times(const Finished& done) {
    ASSERT_EQ(done.exit, 0) << done.out << done.err;
    auto value = parsed(done.out).as_object();
    ASSERT_TRUE(value.contains("timestamp"));
    json::value expected{{"call", {{"estimatedWaitTimeSeconds", {{"en", 167}, {"sp", 20}}}}},
                         {"chat", {{"estimatedWaitTimeSeconds", {{"en", 45}, {"sp", 8}}}}},
                         {"timestamp", value.at("timestamp")}};
    EXPECT_EQ(json::value(value), expected);
  }

  TempDir folder_;
  boost::asio::io_context io_;
  std::list<tcp::acceptor> taken_;
};

/// The address that stands behind a word of the demo's words.
std::string behind(const std::string& out, const std::string& word) {
  auto at = out.find("  " + word);
  EXPECT_NE(at, std::string::npos) << word << " is not in " << out;
  if (at == std::string::npos) return "";
  std::istringstream line(out.substr(at + 2 + word.size()));
  std::string address;
  line >> address;
  return address;
}

TEST_F(DemoTest, does_one_round_and_prints_the_object_alone) {
  expect_wait_times(run_program(demo({"--once"}), kBound));
  EXPECT_TRUE(nothing_left());
}

TEST_F(DemoTest, takes_the_next_port_where_one_is_taken) {
  take(9000);
  take(8080);
  expect_wait_times(run_program(demo({"--once"}), kBound));
}

TEST_F(DemoTest, does_one_round_into_a_bucket) {
  POLLUX_NEEDS_RADOSGW();
  expect_wait_times(run_program(demo({"--once", "--s3"}), kBound));
  EXPECT_TRUE(nothing_left());
}

TEST_F(DemoTest, refuses_words_that_it_does_not_know) {
  auto done = run_program(demo({"--twice"}), kBound);
  EXPECT_EQ(done.exit, 2);
  EXPECT_THAT(done.err, HasSubstr("--twice"));
}

TEST_F(DemoTest, prints_where_page_object_and_console_are_and_ends_cleanly) {
  take(9000);
  take(8080);
  Process demo_run(demo({}));
  ASSERT_TRUE(demo_run.wait_for_output("Ctrl-C ends it.", kBound)) << demo_run.out() << demo_run.err();
  auto out = demo_run.out();
  auto page = get(behind(out, "the page"));
  EXPECT_EQ(page.status, 200) << page.body;
  EXPECT_THAT(page.header("Content-Type"), HasSubstr("text/html"));
  std::string script = behind(out, "the page");
  script = script.substr(0, script.find('?')) + "page.js";
  EXPECT_EQ(get(script).status, 200);
  auto data = get(behind(out, "the object"), {{"Origin", "http://127.0.0.1:9001"}});
  EXPECT_EQ(data.status, 200);
  EXPECT_EQ(data.header("Access-Control-Allow-Origin"), "*") << "the page is of another origin";
  EXPECT_TRUE(parsed(data.body).as_object().contains("timestamp"));
  EXPECT_THAT(get(behind(out, "the console")).body, HasSubstr("wait-times"));
  EXPECT_THAT(behind(out, "the page"), Not(HasSubstr(":9000/page")));

  auto group = std::to_string(demo_run.pid());
  ASSERT_EQ(run_program({{"pgrep", "-g", group}, {}, {}}).exit, 0);
  demo_run.signal(SIGINT);
  EXPECT_EQ(demo_run.wait(), 0);
  EXPECT_TRUE(eventually([&] {
    return run_program({{"pgrep", "-g", group, "-r", "R,S,D"}, {}, {}}).exit != 0;
  })) << run_program({{"pgrep", "-a", "-g", group}, {}, {}}).out;
  EXPECT_TRUE(nothing_left());
}

TEST_F(DemoTest, shows_new_numbers_after_a_while) {
  Process demo_run(demo({}));
  ASSERT_TRUE(demo_run.wait_for_output("Ctrl-C ends it.", kBound)) << demo_run.out() << demo_run.err();
  auto address = behind(demo_run.out(), "the object");
  auto first = get(address).body;
  EXPECT_TRUE(eventually([&] { return get(address).body != first; }, std::chrono::seconds(60)));
}

}  // namespace
}  // namespace pollux::test
