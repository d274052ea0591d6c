#pragma once
// SPDX-License-Identifier: Apache-2.0
// Two workers, and ways to run programs on them. One thread beside the workers' processes.

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "poll/transform/worker_pool.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::transform {

class WorkerPoolTest : public testing::Test {
 protected:
  WorkerPool::Options options(std::size_t size) { return {size, TRANSFORM_WORKER}; }

  Program program(std::string text) {
    Program out;
    out.text = std::move(text);
    out.timeout = std::chrono::seconds(20);
    out.memory = Bytes{64ULL << 20};
    return out;
  }
  Variables variables() { return {1700000000, "wait-times", R"({"agency":"gsa"})"}; }

  Result<std::string> run(std::string text, std::string input = "null") {
    return run(program(std::move(text)), std::move(input));
  }
  Result<std::string> run(Program one, std::string input = "null") {
    return test::run_task(io_, pool_.run(std::move(one), std::move(input), variables()));
  }
  std::string value(std::string text, std::string input = "null") {
    auto result = run(std::move(text), std::move(input));
    return result ? *result : "error: " + result.error().message;
  }
  std::string failure(Program one, std::string input = "null") {
    auto result = run(std::move(one), std::move(input));
    if (result) return "no error, but " + *result;
    EXPECT_EQ(result.error().kind, ErrorKind::kTransform);
    return result.error().message;
  }
  std::string failure(std::string text, std::string input = "null") {
    return failure(program(std::move(text)), std::move(input));
  }

  // Starts a run without waiting; its outcome is found in `outcomes_` under its number.
  std::size_t begin(Program one, asio::cancellation_slot slot = {}) {
    std::size_t number = outcomes_.size();
    outcomes_.emplace_back();
    asio::co_spawn(
        io_, pool_.run(std::move(one), "null", variables()),
        asio::bind_cancellation_slot(slot, [this, number](std::exception_ptr, Result<std::string> result) {
          outcomes_[number] = std::move(result);
        }));
    return number;
  }
  bool until(std::function<bool()> done) {
    io_.restart();
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!done() && std::chrono::steady_clock::now() < end) io_.run_one_for(std::chrono::milliseconds(20));
    return done();
  }
  bool all_done() {
    return until(
        [this] { return std::ranges::all_of(outcomes_, [](const auto& one) { return one.has_value(); }); });
  }

  asio::io_context io_;
  WorkerPool pool_{io_, options(2)};
  std::vector<std::optional<Result<std::string>>> outcomes_;
};

}  // namespace pollux::transform
