// SPDX-License-Identifier: Apache-2.0
// The transcripts of README.md and the commands of docs/operations.md do what stands there. (Those of
// docs/fetch.md are run with its examples.)
#include <gmock/gmock.h>

#include <cstdlib>
#include <regex>

#include "tests/support/peers.hpp"
#include "tests/system/call_center.hpp"
#include "tests/system/document.hpp"

namespace pollux::test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

std::string document(const char* name) { return read_text(std::filesystem::path(POLLUX_SOURCE_DIR) / name); }

// Times and how long things took are another each time; all else must be as it stands there.
std::string timeless(const std::string& text) {
  static const std::regex changing(
      R"((\d{4}-\d\d-\d\dT)?\d\d:\d\d:\d\dZ?|\(.* old\)|in [0-9.]+ m?s\b|"timestamp":\d{10}\b)");
  return std::regex_replace(text, changing, "TIME");
}

class DocumentsTranscripts : public CallCenter {
 protected:
  std::string shell(const std::string& line) const {
    Variables variables = variables_;
    variables["PATH"] = std::string(POLLUX_BINARY_DIR) + ":" + std::getenv("PATH");
    return run_program({{"sh", "-c", "exec 2>&1; " + line}, variables, dir_.path()}).out;
  }
};

TEST_F(DocumentsTranscripts, of_the_readme_show_what_is_printed_and_published) {
  const auto transcripts = blocks_of(document("README.md"), "console");
  ASSERT_THAT(transcripts, SizeIs(2));
  // As on a terminal; here is none.
  write(read_text(dir_ / "pollux.yaml") + "log: { format: text }\n");
  std::size_t runs = 0;
  for (auto [line, output] : commands_of(transcripts[0])) {
    if (line.starts_with("# a minute later"))
      api_.fault({{"match", "sp-queue/mediatypes/call"}, {"fault", "html"}});
    const auto at = line.find("pollux once");
    if (at == std::string::npos && !line.starts_with("cat ")) continue;  // what SetUp did in its place
    ++runs;
    std::string printed = shell(line.substr(at == std::string::npos ? 0 : at));
    if (!printed.ends_with("\n")) printed += "\n";  // an object has none at its end
    EXPECT_EQ(timeless(printed), timeless(output)) << line;
  }
  EXPECT_EQ(runs, 4U);
}

TEST_F(DocumentsTranscripts, of_the_readme_show_all_that_check_finds) {
  const auto transcripts = blocks_of(document("README.md"), "console");
  ASSERT_THAT(transcripts, SizeIs(2));
  const auto commands = commands_of(transcripts[1]);
  ASSERT_THAT(commands, SizeIs(1));
  std::string broken = read_text(dir_ / "pollux.yaml");
  broken.replace(broken.find("every:"), 6, "evry:");
  dir_.write("broken.yaml", broken);
  EXPECT_EQ(shell(commands[0].line), commands[0].output);
}

// docs/operations.md, State: what an operator does there by hand to the file.
class DocumentsState : public DocumentsTranscripts {
 protected:
  /// The first line of such a block that has this in it.
  static std::string command_with(const std::string& words) {
    for (const auto& block : blocks_of(document("docs/operations.md"), "sh")) {
      const auto at = block.find(words);
      if (at == std::string::npos) continue;
      const auto begin = block.rfind('\n', at) + 1;
      return block.substr(begin, block.find('\n', at) - begin);
    }
    ADD_FAILURE() << "no command with " << words;
    return "false";
  }
  /// Which rows are public, by their ids; each time one more was asked for.
  std::string rows() const {
    const json::value all = parsed(read_text(dir_ / kRows));
    std::string out;
    for (const auto& row : all.as_array()) out += json::serialize(row.at("id")) + " ";
    return out;
  }
  void SetUp() override {
    POLLUX_NEEDS_PROGRAM("sqlite3");
    variables_ = {{"SAMPLE_API", api_.url()}};
    write(R"y(
upstreams: { api: { url: "${SAMPLE_API}", limits: 100/day } }
polls:
  wait-times:
    every: 1h
    cursor: "[.[].id] | max"
    fetch: { from: api, path: /log, query: { after: "${cursor}", grow: 1, limit: 2 } }
    window: { last: 100, key: .id }
)y");
    ASSERT_EQ(once().exit, 0);
    ASSERT_EQ(once().exit, 0);
    ASSERT_EQ(rows(), "1 2 3 4 ");
    std::filesystem::remove(dir_ / kRows);
  }
  static constexpr const char* kRows = "public/wait-times.json";
};

TEST_F(DocumentsState, forgets_what_was_written_and_keeps_cursor_window_and_limits) {
  EXPECT_EQ(shell(command_with("update entries")), "");
  ASSERT_EQ(once().exit, 0);
  EXPECT_EQ(rows(), "1 2 3 4 5 6 ");
  EXPECT_THAT(shell("sqlite3 .pollux/state.db \"select value from entries where key = 'limits/api'\""),
              HasSubstr("3"));
}

TEST_F(DocumentsState, writes_a_poll_without_news_again_too) {
  replace("grow: 1, limit: 2", "limit: 2");
  while (text_of(run_event(once().out), "outcome") == "published") {
  }
  std::filesystem::remove(dir_ / kRows);
  EXPECT_EQ(text_of(run_event(once().out), "outcome"), "unchanged");
  EXPECT_FALSE(std::filesystem::exists(dir_ / kRows)) << "then the command would not be needed";
  EXPECT_EQ(shell(command_with("update entries")), "");
  EXPECT_EQ(text_of(run_event(once().out), "outcome"), "published");
  EXPECT_THAT(rows(), HasSubstr("1 2 3 4 5 "));
}

TEST_F(DocumentsState, begins_a_poll_from_nothing) {
  EXPECT_EQ(shell(command_with("delete from entries")), "");
  ASSERT_EQ(once().exit, 0);
  EXPECT_EQ(rows(), "1 2 ");
}

}  // namespace
}  // namespace pollux::test
