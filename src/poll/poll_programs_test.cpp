// SPDX-License-Identifier: Apache-2.0
#include "poll/poll_programs.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "tests/support/run_task.hpp"

namespace pollux::poll {
namespace {

// Keeps what it was last asked to run.
struct KeepingRunner final : transform::ProgramRunner {
  Task<Result<std::string>> run(transform::Program p, std::string in, transform::Variables v) override {
    program = std::move(p);
    input = std::move(in);
    variables = std::move(v);
    co_return "true";
  }
  Task<Result<std::vector<transform::CompileFault>>> compile(std::string) override {
    co_return std::vector<transform::CompileFault>{};
  }
  transform::Program program;
  std::string input;
  transform::Variables variables;
};

TEST(PagingPrograms, see_the_cursor_and_obey_the_limits_of_transform) {
  config::Poll poll;
  poll.name = "log";
  poll.vars_json = R"({"a":1})";
  poll.transform.timeout = Millis(7);
  poll.transform.memory = Bytes{9};
  fetch::Asked asked;
  asked.at = Time(std::chrono::seconds(1'767'348'000));
  asked.cursor = R"({"since":4})";
  KeepingRunner runner;
  const fetch::Evaluate evaluate = paging_programs(runner);
  asio::io_context io;
  EXPECT_EQ(test::run_task(io, evaluate(poll, asked, ".[-1].id <= $cursor.since", "[1]")).value(), "true");
  EXPECT_EQ(runner.program.text, ".[-1].id <= $cursor.since");
  EXPECT_EQ(runner.program.timeout, Millis(7));
  EXPECT_EQ(runner.program.memory.count, 9U);
  EXPECT_EQ(runner.input, "[1]");
  EXPECT_EQ(runner.variables.cursor_json, asked.cursor);
  EXPECT_EQ(runner.variables.fetched_at, 1'767'348'000);
  EXPECT_EQ(runner.variables.poll, "log");
  EXPECT_EQ(runner.variables.vars_json, poll.vars_json);
  asked.cursor.clear();
  EXPECT_TRUE(test::run_task(io, evaluate(poll, asked, ".", "[]")));
  EXPECT_EQ(runner.variables.cursor_json, "null");
}

}  // namespace
}  // namespace pollux::poll
