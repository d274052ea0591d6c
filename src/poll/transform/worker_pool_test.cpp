// SPDX-License-Identifier: Apache-2.0
// The workers' processes: how runs share them, and what happens when one dies, is canceled or talks nonsense.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>

#include <set>

#include "poll/transform/worker_pool_test.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::transform {
namespace {

using testing::HasSubstr;

TEST_F(WorkerPoolTest, fails_only_the_run_whose_worker_was_killed_from_outside) {
  begin(program("def f: f; f"));
  auto worker_of_first = [this] { return pool_.stats().empty() ? -1 : pool_.stats()[0].pid; };
  ASSERT_TRUE(until([&] { return worker_of_first() > 0; }));
  pid_t victim = worker_of_first();
  for (int i = 0; i < 5; ++i) begin(program("[" + std::to_string(i) + "]"));
  ASSERT_TRUE(until([this] {
    return std::ranges::all_of(outcomes_.begin() + 1, outcomes_.end(), [](auto& o) { return o.has_value(); });
  }));
  kill(victim, SIGKILL);
  ASSERT_TRUE(all_done());
  EXPECT_THAT(outcomes_[0]->error().message, HasSubstr("was killed by signal 9"));
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(outcomes_[static_cast<std::size_t>(i) + 1]->value(), "[" + std::to_string(i) + "]");
}

TEST_F(WorkerPoolTest, replaces_a_worker_that_died_while_it_was_idle) {
  EXPECT_EQ(value("1"), "1");
  pid_t first = pool_.stats()[0].pid;
  kill(first, SIGKILL);
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(first), &info, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(value("2"), "2");
  EXPECT_NE(pool_.stats()[0].pid, first);
}

TEST_F(WorkerPoolTest, runs_200_at_once_over_2_workers_and_compiles_each_program_once_in_each) {
  for (int i = 0; i < 200; ++i) begin(program(i % 2 == 0 ? "[\"even\", $poll]" : "[\"odd\", $poll]"));
  ASSERT_TRUE(all_done());
  for (std::size_t i = 0; i < 200; ++i) {
    EXPECT_EQ(outcomes_[i]->value(), i % 2 == 0 ? R"(["even","wait-times"])" : R"(["odd","wait-times"])");
  }
  EXPECT_EQ(pool_.started(), 2U);
  for (const auto& worker : pool_.stats()) EXPECT_LE(worker.compiled, 2U);
}

TEST_F(WorkerPoolTest, lets_neighbours_finish_while_others_misbehave) {
  for (int i = 0; i < 30; ++i) {
    Program one = program("[" + std::to_string(i) + "]");
    if (i % 3 == 0) one = program("def f: f; f");
    if (i % 3 == 1) one = program("reduce range(400000) as $i (0; [.])");
    if (i % 3 == 0) one.timeout = Millis(50);
    begin(std::move(one));
  }
  ASSERT_TRUE(all_done());
  for (std::size_t i = 0; i < 30; ++i) EXPECT_EQ(outcomes_[i]->has_value(), i % 3 == 2) << i;
}

TEST_F(WorkerPoolTest, frees_the_worker_of_a_canceled_run) {
  asio::cancellation_signal first;
  asio::cancellation_signal third;
  begin(program("def f: f; f"), first.slot());
  begin(program("def f: f; f"));
  begin(program("3"), third.slot());
  begin(program("4"));
  ASSERT_TRUE(until([this] { return pool_.stats().size() == 2; }));
  third.emit(asio::cancellation_type::terminal);
  ASSERT_TRUE(until([this] { return outcomes_[2].has_value(); }));
  EXPECT_EQ(outcomes_[2]->error().kind, ErrorKind::kCanceled);
  first.emit(asio::cancellation_type::terminal);
  ASSERT_TRUE(until([this] { return outcomes_[0].has_value() && outcomes_[3].has_value(); }));
  EXPECT_EQ(outcomes_[0]->error().kind, ErrorKind::kCanceled);
  EXPECT_EQ(outcomes_[3]->value(), "4");
  EXPECT_FALSE(outcomes_[1].has_value());
  pool_.stop();
  ASSERT_TRUE(all_done());
  EXPECT_EQ(outcomes_[1]->error().kind, ErrorKind::kCanceled);
}

TEST_F(WorkerPoolTest, leaves_no_process_behind_when_it_stops) {
  std::set<pid_t> pids;
  begin(program("def f: f; f"));
  begin(program("1"));
  ASSERT_TRUE(until([this] { return outcomes_[1].has_value(); }));
  for (const auto& worker : pool_.stats()) pids.insert(worker.pid);
  EXPECT_EQ(pids.size(), 2U);
  pool_.stop();
  for (pid_t pid : pids) EXPECT_EQ(kill(pid, 0), -1) << pid;
  EXPECT_EQ(run("1").error().kind, ErrorKind::kCanceled);
}

// `pollux once` ends when nothing is left to do: idle workers must not keep the io_context running.
TEST_F(WorkerPoolTest, has_nothing_in_flight_when_it_is_idle) {
  begin(program("1"));
  io_.run();
  EXPECT_EQ(outcomes_[0]->value(), "1");
}

TEST_F(WorkerPoolTest, says_so_when_no_worker_can_be_started) {
  WorkerPool none(io_, {1, "/no/such/program"});
  auto missing = test::run_task(io_, none.run(program("1"), "null", variables()));
  EXPECT_THAT(missing.error().message, HasSubstr("cannot start a jq worker from /no/such/program"));
  WorkerPool wrong(io_, {1, "/bin/false"});
  auto stranger = test::run_task(io_, wrong.run(program("1"), "null", variables()));
  EXPECT_THAT(stranger.error().message, HasSubstr("could not start: it ended with 1"));
}

TEST_F(WorkerPoolTest, believes_nothing_that_a_worker_says_against_the_protocol) {
  test::TempDir files;
  const std::vector<std::pair<std::string, std::string>> table = {
      {"printf 'garbage, and more of it' >&3; exec sleep 100", "talked nonsense"},
      {"printf '\\000\\000\\000\\000' >&3; exec sleep 100", "talked nonsense"},
      {"printf '\\002\\000\\000\\000\\377x' >&3; exec sleep 100", "talked nonsense"},
      {"printf '\\001\\000\\000\\000E' >&3; exec sleep 100",
       "talked nonsense"},  // out of memory before it said hello
      {"printf '\\200\\000\\000\\000Ashort' >&3", "could not start: it ended with 0"},
      {"exec 3>&-; exec sleep 100", "was killed by signal 9"},
  };
  int number = 0;
  for (const auto& [script, says] : table) {
    auto file = files.write("worker" + std::to_string(++number), "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    WorkerPool pool(io_, {1, file});
    auto result = test::run_task(io_, pool.run(program("1"), "null", variables()));
    ASSERT_FALSE(result) << script;
    EXPECT_THAT(result.error().message, HasSubstr(says)) << script;
  }
}

}  // namespace
}  // namespace pollux::transform
