// SPDX-License-Identifier: Apache-2.0
#include "poll/status_writer.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "tests/support/memory_store.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::poll {
namespace {

constexpr Millis kInterval{20};

struct Fixture {
  asio::io_context io;
  test::MemoryStore store;
  int texts = 0;
  std::vector<Error> errors;
  StatusWriter writer{io.get_executor(), store, [this] { return std::to_string(++texts); },
                      [this](const Error& error) { errors.push_back(error); }, kInterval};
  std::string written() const {
    auto object = store.now("_status.json");
    return object ? object->body : "";
  }
};

TEST(StatusWriter, writes_what_is_true_at_the_time_of_writing) {
  Fixture f;
  f.writer.touch();
  f.writer.touch();
  test::run_task(f.io, f.writer.flush());
  EXPECT_EQ(f.written(), "1");
  EXPECT_EQ(f.store.now("_status.json")->cache_control, "no-cache");
  test::run_task(f.io, f.writer.flush());  // nothing changed since
  EXPECT_EQ(f.texts, 1);
}

Task<> touch_often(Fixture& f, int times) {
  asio::steady_timer timer(f.io);
  for (int i = 0; i < times; ++i) {
    f.writer.touch();
    timer.expires_after(Millis(1));
    co_await timer.async_wait(asio::use_awaitable);
  }
}

TEST(StatusWriter, folds_many_changes_into_few_writes_and_never_loses_the_last) {
  Fixture f;
  asio::cancellation_signal stop;
  bool ended = false;
  asio::co_spawn(f.io, f.writer.work(),
                 asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr) { ended = true; }));
  const auto begun = std::chrono::steady_clock::now();
  test::run_task(f.io, touch_often(f, 100));
  const auto intervals = (std::chrono::steady_clock::now() - begun) / kInterval;
  EXPECT_LE(f.texts, intervals + 2);
  EXPECT_GT(f.texts, 0);
  int before_last = f.texts;
  f.writer.touch();
  test::run_task(f.io, f.writer.flush());
  EXPECT_EQ(f.written(), std::to_string(before_last + 1));
  stop.emit(asio::cancellation_type::terminal);
  f.io.restart();
  f.io.run();
  EXPECT_TRUE(ended);
}

// Takes its time with each object.
class SlowStore final : public publish::Store {
 public:
  std::string target() const override { return "slow"; }
  Task<Result<void>> put(publish::Object object) override {
    asio::steady_timer timer(co_await asio::this_coro::executor, Millis(20));
    co_await timer.async_wait(asio::use_awaitable);
    written.push_back(std::move(object.body));
    co_return Result<void>();
  }
  Task<Result<std::optional<publish::Object>>> get(std::string) override { co_return std::nullopt; }
  Task<Result<void>> remove(std::string) override { co_return Result<void>(); }

  std::vector<std::string> written;
};

TEST(StatusWriter, flush_waits_for_a_write_under_way_so_that_stopping_does_not_cut_it) {
  asio::io_context io;
  SlowStore store;
  asio::cancellation_signal stop;
  StatusWriter writer(
      io.get_executor(), store, [] { return std::string("last"); }, [](const Error&) {}, Millis(1));
  auto ended = [](const std::exception_ptr&) {};
  asio::co_spawn(io, writer.work(), asio::bind_cancellation_slot(stop.slot(), ended));
  writer.touch();
  io.poll();
  ASSERT_TRUE(store.written.empty());  // begun, not done
  test::run_task(io, writer.flush());
  EXPECT_EQ(store.written, std::vector<std::string>{"last"});
  stop.emit(asio::cancellation_type::terminal);
  io.run();
}

}  // namespace
}  // namespace pollux::poll
