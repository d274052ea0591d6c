// SPDX-License-Identifier: Apache-2.0
// What programs give, see and may use in a worker.
#include <gmock/gmock.h>
#include <stdlib.h>

#include "poll/transform/worker_pool_test.hpp"

namespace pollux::transform {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

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

TEST_F(WorkerPoolTest, tells_where_a_program_does_not_compile) {
  auto faults = test::run_task(io_, pool_.compile(".a |\n  { b: nosuch(1) }"));
  ASSERT_TRUE(faults);
  ASSERT_EQ(faults->size(), 1U);
  EXPECT_EQ((*faults)[0].line, 2);
  EXPECT_EQ((*faults)[0].column, 8);
  EXPECT_EQ((*faults)[0].message, "nosuch/1 is not defined");
  EXPECT_TRUE(test::run_task(io_, pool_.compile(".a"))->empty());
}

}  // namespace
}  // namespace pollux::transform
