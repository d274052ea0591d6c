// SPDX-License-Identifier: Apache-2.0
// libjq itself is asked here, in this process: compiling is safe, running is not.
#include "poll/transform/compile_fault.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "poll/transform/jq_program.hpp"

#ifdef POLLUX_SANITIZED
// libjq's parser leaks what it has read of a faulty program; in a worker that is a few bytes of a process
// that may end.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libjq.so"; }
#endif

namespace pollux::transform {
namespace {

struct Broken {
  std::string program;
  int line;
  int column;
  std::string says;
};

TEST(CompileFaults, name_line_and_column_of_the_fault) {
  const std::vector<Broken> table = {
      {"foo", 1, 1, "foo/0 is not defined"},
      {"[1,\n   foo(1)]", 2, 4, "foo/1 is not defined"},
      {".a | map(.x; 1)", 1, 6, "map/2 is not defined"},
      {"def foo: 1; foo | foo(1)", 1, 19, "foo/1 is not defined"},
      {"{ a: .foo,\n  b: foo }", 2, 6, "foo/0 is not defined"},
      {"\"foo \\(foo)\"", 1, 8, "foo/0 is not defined"},
      {"# foo\n  foo # foo", 2, 3, "foo/0 is not defined"},
      {"def f(x): y; f(1)", 1, 11, "y/0 is not defined"},
      {"1 +\n $x", 2, 2, "$x is not defined"},
      {"$fetched | $fetched_at", 1, 1, "$fetched is not defined"},
      {"break $out", 1, 1, "label $out is not defined"},
      {".a b", 1, 4, "unexpected `b`, expecting the end of the program"},
      {".a |\n  { b: ] }", 2, 8, "unexpected `]`"},
      {"{a: 1", 1, 6, "unexpected the end of the program, expecting '}'"},
      {"[1, 2  # list\n\n", 1, 6, "the end of the program"},
      {"(1 + 2", 1, 7, "the end of the program"},
      {"{a b}", 1, 4, "unexpected `b`"},
      {". as x | 1", 1, 6, "unexpected `x`"},
      {".a = = 2", 1, 6, "unexpected `=`"},
      {".a as $x $x", 1, 10, "unexpected `$x`"},
      {"%", 1, 1, "unexpected `%`"},
      {"é", 1, 1, "unexpected `é`"},
      {"\"é\" é", 1, 5, "unexpected `é`"},
      {"1 | .a.[0]", 1, 8, "unexpected `[`"},
      {"try error(\"x\")\n; 1", 2, 1, "unexpected `;`"},
      {".) | (.", 1, 2, "unexpected `)`"},
      {"import \"a\" as a; 1", 1, 1, "unexpected `import`"},
      {"if . then 1", 1, 12, "unexpected the end"},
      {".foo.\"bar", 1, 10, "a string is not closed"},
      {"\"abc", 1, 5, "a string is not closed"},
      {"1 | \"\\q\"", 1, 5, "Invalid escape"},
      {"{(1): 2}", 1, 2, "Cannot use number (1) as object key"},
      {"", 1, 1, "the program is empty"},
      {"  # nothing\n", 1, 1, "the program is empty"},
      {std::string("1\0", 2), 1, 1, "NUL"},
      {"def f: 1;", 1, 10, "the end of the program"},
  };
  for (const auto& one : table) {
    auto program = JqProgram::compile(one.program);
    ASSERT_FALSE(program) << one.program;
    const CompileFault& fault = program.error().front();
    EXPECT_EQ(fault.line, one.line) << one.program << ": " << fault.message;
    EXPECT_EQ(fault.column, one.column) << one.program << ": " << fault.message;
    EXPECT_THAT(fault.message, testing::HasSubstr(one.says)) << one.program;
    EXPECT_THAT(fault.message, testing::Not(testing::ContainsRegex("IDENT|INVALID|QQ|shell"))) << one.program;
  }
}

TEST(CompileFaults, lists_each_unknown_name) {
  auto program = JqProgram::compile("one |\n two");
  ASSERT_FALSE(program);
  std::vector<std::pair<int, int>> places;
  for (const auto& fault : program.error()) places.emplace_back(fault.line, fault.column);
  EXPECT_THAT(places, testing::UnorderedElementsAre(std::pair(1, 1), std::pair(2, 2)));
}

TEST(CompileFaults, leave_the_column_open_where_the_copy_fails_in_another_way) {
  TokenLines tokens("a b");
  std::vector<std::string> said = {"jq: error: one thing at <top-level>, line 1:\na b"};
  std::vector<std::string> spread = {"jq: error: another at <top-level>, line 3:\nb"};
  auto faults = faults_of(said, spread, tokens);
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].line, 1);
  EXPECT_EQ(faults[0].column, 0);
  EXPECT_EQ(faults[0].message, "one thing");
}

}  // namespace
}  // namespace pollux::transform
