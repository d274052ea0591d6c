// SPDX-License-Identifier: Apache-2.0
#include "log/queued_output.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace pollux::log {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

// An output that stands still until it is let go. Shared: a queue may leave its thread in here.
class Output {
 public:
  Logger::Sink sink() const {
    return [at = at_](Level, std::string_view line) {
      std::unique_lock lock(at->mutex);
      at->lines.emplace_back(line);
      at->changed.notify_all();
      at->changed.wait(lock, [&] { return at->open; });
    };
  }
  void open() const {
    const std::lock_guard lock(at_->mutex);
    at_->open = true;
    at_->changed.notify_all();
  }
  /// Until the writer is inside of its first line.
  bool is_reached() const {
    std::unique_lock lock(at_->mutex);
    return at_->changed.wait_for(lock, std::chrono::seconds(20), [&] { return !at_->lines.empty(); });
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(at_->mutex);
    return at_->lines;
  }

 private:
  struct At {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> lines;
    bool open = false;
  };
  std::shared_ptr<At> at_ = std::make_shared<At>();
};

constexpr QueuedOutput::Limits kAmple{1 << 20, std::chrono::seconds(20)};

TEST(QueuedOutput, writes_all_lines_in_their_order_before_it_ends) {
  const Output out;
  out.open();
  std::vector<std::string> expected;
  {
    QueuedOutput queue(out.sink(), Logger::Format::kJson, kAmple);
    for (int i = 0; i < 1000; ++i) {
      expected.push_back("line " + std::to_string(i));
      queue.write(Level::kInfo, expected.back());
    }
  }
  EXPECT_EQ(out.lines(), expected);
}

TEST(QueuedOutput, holds_nobody_up_and_says_what_it_dropped_where_it_is_missing) {
  const Output out;
  {
    QueuedOutput queue(out.sink(), Logger::Format::kJson, {1000, std::chrono::seconds(20)});
    queue.write(Level::kInfo, "written");
    ASSERT_TRUE(out.is_reached());
    queue.write(Level::kInfo, "waits");
    for (int i = 0; i < 3; ++i) queue.write(Level::kInfo, std::string(2000, 'x'));
    queue.write(Level::kInfo, "small, but behind what is missing");
    EXPECT_THAT(out.lines(), SizeIs(1)) << "nothing overtakes what is being written";
    out.open();
  }
  const auto lines = out.lines();
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_EQ(lines[1], "waits");
  const auto dropped = boost::json::parse(lines[2]).as_object();
  EXPECT_EQ(dropped.at("event"), "log_dropped");
  EXPECT_EQ(dropped.at("level"), "warning");
  EXPECT_EQ(dropped.at("lines"), 4);
}

TEST(QueuedOutput, goes_on_after_a_line_that_is_longer_than_all_its_room) {
  const Output out;
  out.open();
  {
    QueuedOutput queue(out.sink(), Logger::Format::kText, {100, std::chrono::seconds(20)});
    queue.write(Level::kInfo, std::string(200, 'x'));
    ASSERT_TRUE(out.is_reached()) << "with nothing else to write, it is told that a line was dropped";
    queue.write(Level::kInfo, "short");
  }
  ASSERT_THAT(out.lines(), SizeIs(2));
  EXPECT_THAT(out.lines()[0], testing::HasSubstr("1 line"));
  EXPECT_EQ(out.lines()[1], "short");
}

TEST(QueuedOutput, gives_up_an_output_that_does_not_come_back) {
  const Output out;
  {
    QueuedOutput queue(out.sink(), Logger::Format::kJson, {1000, std::chrono::milliseconds(1)});
    queue.write(Level::kInfo, "never ends");
    queue.write(Level::kInfo, "never begins");
    ASSERT_TRUE(out.is_reached());
  }
  EXPECT_THAT(out.lines(), ElementsAre("never ends"));
  out.open();
}

TEST(QueuedOutput, takes_lines_of_several_threads) {
  const Output out;
  out.open();
  {
    const Logger::Sink sink = queued(out.sink(), Logger::Format::kJson, kAmple);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&sink, i] {
        for (int n = 0; n < 250; ++n) sink(Level::kInfo, std::to_string(i));
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_THAT(out.lines(), SizeIs(1000));
}

}  // namespace
}  // namespace pollux::log
