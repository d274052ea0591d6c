// SPDX-License-Identifier: Apache-2.0
#include "poll/transform/worker_pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <set>

#include "tests/support/process.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::transform {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

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

TEST_F(WorkerPoolTest, gives_the_programs_one_value_as_compact_json) {
  EXPECT_EQ(value("{ call: .results[0].estimatedWaitTimeSeconds, at: $fetched_at }",
                  R"({"results":[{"estimatedWaitTimeSeconds":167}]})"),
            R"({"call":167,"at":1700000000})");
}

TEST_F(WorkerPoolTest, binds_the_variables_of_each_run_without_compiling_again) {
  EXPECT_EQ(value("[$poll, $vars.agency, $fetched_at, now]"),
            R"(["wait-times","gsa",1700000000,1700000000])");
  Variables other{5, "other", R"({"agency":"usda"})", R"({"since":7})"};
  auto second =
      test::run_task(io_, pool_.run(program("[$poll, $vars.agency, $fetched_at, now]"), "null", other));
  EXPECT_EQ(second.value(), R"(["other","usda",5,5])");
  ASSERT_EQ(pool_.stats().size(), 1U);
  EXPECT_EQ(pool_.stats()[0].compiled, 1U);
}

TEST_F(WorkerPoolTest, shows_the_program_where_the_run_started_from) {
  Variables with{5, "log", "{}", R"({"since":7})"};
  EXPECT_EQ(test::run_task(io_, pool_.run(program("$cursor.since"), "null", with)).value(), "7");
  with.cursor_json = "null";
  EXPECT_EQ(test::run_task(io_, pool_.run(program("$cursor"), "null", with)).value(), "null");
}

TEST_F(WorkerPoolTest, takes_programs_that_start_with_definitions_and_end_in_comments) {
  EXPECT_EQ(value("def f: .+1; # one more\ndef g: f|f;\ng # end", "1"), "3");
  EXPECT_EQ(value(". as [$a] | $a # c", "[7]"), "7");
  EXPECT_EQ(value("\n\n  .a,empty\n", R"({"a":1})"), "1");
  EXPECT_EQ(value("$__loc__.line"), "1");
}

struct Case {
  std::string program;
  std::string says;
};

TEST_F(WorkerPoolTest, says_why_a_program_gave_nothing_to_publish) {
  const std::vector<Case> table = {
      {"empty", "the program gave no value"},
      {"1, 2", "more than one value"},
      {"1, error(\"late\")", "jq: late"},
      {"error(\"no data today\")", "jq: no data today"},
      {"error({code: 5})", R"(raised {"code":5})"},
      {"error(null)", "no value"},
      {".a.b", "Cannot index number with"},
      {"halt", "called `halt`"},
      {"\"bye\" | halt_error", "called `halt_error`: bye"},
      {"1, halt", "called `halt`"},
      {"input", "not available"},
      {"[inputs]", "not available"},
      {"nosuch", "line 1, column 1: nosuch/0 is not defined"},
      {"error(\"x\" * 2000)", "..."},
  };
  for (const auto& one : table) {
    std::string said = failure(one.program, R"({"a":1})");
    EXPECT_THAT(said, HasSubstr(one.says)) << one.program;
    EXPECT_LE(said.size(), 600U);
  }
  EXPECT_EQ(pool_.started(), 1U) << "none of these is a reason to end a worker";
}

// libjq 1.6 freed the message of halt_error at every later start of the same state, and crashed.
TEST_F(WorkerPoolTest, runs_a_program_again_that_halted_before) {
  std::string sometimes = "if . then \"a message of some length\" | halt_error else 1 end";
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(failure(sometimes, "true"), "jq: the program called `halt_error`: a message of some length");
    EXPECT_EQ(value(sometimes, "false"), "1");
    EXPECT_EQ(value(sometimes, "false"), "1");
  }
  EXPECT_EQ(pool_.started(), 1U);
}

TEST_F(WorkerPoolTest, shows_a_program_nothing_of_the_machine) {
  setenv("POLLUX_TEST_MARK", "visible", 1);
  const std::vector<std::pair<std::string, std::string>> table = {
      {"$ENV", "{}"},
      {"env", "{}"},
      {"[$ENV.PATH, env.HOME]", "[null,null]"},
      {"[input_filename]", "[null]"},
      {"debug | stderr | 1", "1"},
      {"[get_search_list] | length < 2", "true"},
      {"try (\"/etc/passwd\" | modulemeta) catch \"refused\"", "\"refused\""},
      {"0 | localtime | mktime", "0"},
      {"\"a b'c\" | @sh", R"("'a b'\\''c'")"},
  };
  for (const auto& [text, expected] : table) EXPECT_EQ(value(text), expected) << text;
  for (std::string text :
       {"import \"a\" as a; 1", "include \"a\"; 1", "$__prog_args", ".) | (.", "1) + (1"}) {
    EXPECT_THAT(failure(text), HasSubstr("does not compile")) << text;
  }
}

TEST_F(WorkerPoolTest, ends_an_endless_program_and_serves_the_next) {
  Program endless = program("def f: f; f");
  endless.timeout = Millis(300);
  EXPECT_EQ(failure(endless), "the program ran longer than 300 ms");
  EXPECT_EQ(value("1"), "1");
  EXPECT_EQ(pool_.started(), 2U);
}

TEST_F(WorkerPoolTest, ends_a_program_that_eats_memory) {
#ifdef POLLUX_SANITIZED
  GTEST_SKIP() << "the address space cannot be limited under a sanitizer";
#endif
  const std::vector<std::string> programs = {
      "[range(1e9)]", "[limit(40; \"xxxxxxxx\" | recurse(. + .))] | last", "def f: [f]; f",
      "reduce range(1e9) as $i ({}; .[\"k\\($i)\"] = $i)"};
  for (const auto& text : programs) {
    EXPECT_EQ(failure(text), "the program used more than 64 MiB") << text;
    EXPECT_EQ(value("1"), "1");
  }
}

TEST_F(WorkerPoolTest, gives_each_program_its_own_memory) {
#ifdef POLLUX_SANITIZED
  GTEST_SKIP() << "the address space cannot be limited under a sanitizer";
#endif
  Program large = program("[range(2e6)] | length");
  large.memory = Bytes{256ULL << 20};
  Program small = large;
  small.memory = Bytes{8ULL << 20};
  EXPECT_EQ(run(large).value(), "2000000");
  EXPECT_EQ(failure(small), "the program used more than 8 MiB");
  EXPECT_EQ(run(large).value(), "2000000");
}

TEST_F(WorkerPoolTest, survives_a_value_nested_so_deeply_that_libjq_overflows_its_stack) {
  std::string said = failure("reduce range(400000) as $i (0; [.])");
  // Memory may end before the stack does; a sanitizer turns the signal into an exit.
  EXPECT_THAT(said, AnyOf(HasSubstr("nested too deeply"), HasSubstr("used more than"),
                          HasSubstr("the jq worker ended with")));
  EXPECT_EQ(value("1"), "1");
}

TEST_F(WorkerPoolTest, refuses_an_input_nested_deeper_than_jq_can_read) {
  std::string deep = std::string(10000, '[') + std::string(10000, ']');
  EXPECT_THAT(failure(".", deep), HasSubstr("nested deeper than 256 levels"));
}

TEST_F(WorkerPoolTest, refuses_a_huge_output) {
  Program huge = program("\"xxxxxxxx\" * 12000000");
  huge.memory = Bytes{1ULL << 30};
  EXPECT_THAT(failure(huge), HasSubstr("more than 64 MiB"));
  EXPECT_EQ(value("1"), "1");
}

TEST_F(WorkerPoolTest, hands_megabytes_through) {
  Program one = program(".");
  one.memory = Bytes{512ULL << 20};
  std::string input = "\"" + std::string(20 << 20, 'x') + "\"";
  auto result = run(one, input);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(*result == input);
}

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

TEST_F(WorkerPoolTest, tells_where_a_program_does_not_compile) {
  auto faults = test::run_task(io_, pool_.compile(".a |\n  { b: nosuch(1) }"));
  ASSERT_TRUE(faults);
  ASSERT_EQ(faults->size(), 1U);
  EXPECT_EQ((*faults)[0].line, 2);
  EXPECT_EQ((*faults)[0].column, 8);
  EXPECT_EQ((*faults)[0].message, "nosuch/1 is not defined");
  EXPECT_TRUE(test::run_task(io_, pool_.compile(".a"))->empty());
}

TEST(Sandbox, leaves_a_worker_no_way_out) {
  FILE* pipe = popen(TRANSFORM_WORKER " probe", "r");
  ASSERT_NE(pipe, nullptr);
  std::string told;
  for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) told += static_cast<char>(c);
  EXPECT_EQ(pclose(pipe), 0);
  if (told == "no seccomp here\n") GTEST_SKIP() << "this kernel installs no seccomp filter";
  EXPECT_EQ(told,
            "open: EPERM\nsocket: EPERM\nsocketpair: EPERM\nconnect: EPERM\nfork: EPERM\nexecve: "
            "EPERM\nkill: EPERM\n"
            "unlink: EPERM\nexecutable memory: EPERM\nmemory: allowed\n");
}

TEST_F(WorkerPoolTest, tells_that_its_workers_have_a_filter) {
  EXPECT_EQ(value("1"), "1");
  FILE* pipe = popen(TRANSFORM_WORKER " probe", "r");
  ASSERT_NE(pipe, nullptr);
  bool none = fgetc(pipe) == 'n';
  pclose(pipe);
  EXPECT_EQ(pool_.stats()[0].no_seccomp.empty(), !none);
}

}  // namespace
}  // namespace pollux::transform
