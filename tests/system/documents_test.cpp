// SPDX-License-Identifier: Apache-2.0
// What the documents show is what the program does: every example of docs/fetch.md is checked and run, and so
// is every command that a document shows with what it prints.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/service_account.hpp"
#include "tests/system/call_center.hpp"
#include "tests/system/document.hpp"

namespace pollux::test {
namespace {

std::vector<Example> fetch_examples() {
  static const auto examples =
      examples_of(read_text(std::filesystem::path(POLLUX_SOURCE_DIR) / "docs/fetch.md"));
  return examples;
}

std::string test_name(const testing::TestParamInfo<Example>& info) {
  std::string name;
  for (char c : info.param.section) name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name + "_" + std::to_string(info.index);
}

// The key file of the service account that sample-api knows.
std::string google_key() {
  const auto pem = std::filesystem::path(POLLUX_SOURCE_DIR) / "src/sign/testdata/rsa_private.pem";
  return service_account_file("reporter@sample.iam.gserviceaccount.com", read_text(pem),
                              "https://oauth2.googleapis.com/token");
}

class Documents : public testing::TestWithParam<Example> {
 protected:
  Finished pollux(Words words) const {
    words.insert(words.begin(), program("pollux"));
    return run(std::move(words));
  }

  Finished run(Words words) const {
    Variables variables{{"PATH", std::string(POLLUX_BINARY_DIR) + ":" + std::getenv("PATH")},
                        {"SAMPLE_API", api_.url()},
                        {"SAMPLE_CLIENT_ID", "sample-client"},
                        {"SAMPLE_CLIENT_SECRET", "sample-client-secret"},
                        {"SAMPLE_KEY", "sample-key"},
                        {"SAMPLE_GOOGLE_KEY", google_key()},
                        {"SAMPLE_USER", "sample-user"},
                        {"SAMPLE_PASSWORD", "sample-password"}};
    return run_program({std::move(words), variables, dir_.path()});
  }

  SampleApi api_;
  TempDir dir_;
};

TEST_P(Documents, an_example_does_what_it_says) {
  const Example& example = GetParam();
  SCOPED_TRACE("docs/fetch.md, line " + std::to_string(example.line));
  for (const auto& [name, text] : example.files) dir_.write(name, text);
  dir_.write("pollux.yaml", example.yaml);
  const Finished check = pollux({"check"});
  ASSERT_EQ(check.exit, 0) << check.err;
  const Finished once = pollux({"once"});
  ASSERT_EQ(once.exit, 0) << once.out << once.err;
  for (const auto& [path, expected] : example.published) {
    EXPECT_EQ(parsed(read_text(dir_ / path)), parsed(expected)) << path << ": " << read_text(dir_ / path);
  }
  for (const auto& [line, output] : example.commands)
    EXPECT_EQ(run({"sh", "-c", "exec 2>&1; " + line}).out, output) << line;
}

INSTANTIATE_TEST_SUITE_P(Fetch, Documents, testing::ValuesIn(fetch_examples()), test_name);

// Were they not found, all would be well.
TEST(DocumentsOfFetch, have_an_example_of_each_thing_and_transcripts) {
  EXPECT_GT(fetch_examples().size(), 15U);
  std::size_t commands = 0;
  for (const auto& example : fetch_examples()) commands += example.commands.size();
  EXPECT_GE(commands, 6U);
}

TEST(DocumentsScanner, finds_files_examples_and_what_they_publish) {
  auto found = examples_of(
      "# A\n```yaml-part\nnot: this\n```\n## B c\n```json file=a.json\n{}\n```\ntext\n```yaml\npolls: "
      "1\n```\n"
      "```json published=public/x.json\n[1]\n```\n"
      "```console\n$ one\nfirst\n\nline\n\n$ # said\n$ two\n```\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].section, "B c");
  EXPECT_EQ(found[0].line, 11);
  EXPECT_EQ(found[0].yaml, "polls: 1\n");
  ASSERT_EQ(found[0].files.size(), 1U);
  EXPECT_EQ(found[0].files[0].first, "a.json");
  ASSERT_EQ(found[0].published.size(), 1U);
  EXPECT_EQ(found[0].published[0].second, "[1]\n");
  ASSERT_EQ(found[0].commands.size(), 3U);
  EXPECT_EQ(found[0].commands[0].line, "one");
  EXPECT_EQ(found[0].commands[0].output, "first\n\nline\n");
  EXPECT_EQ(found[0].commands[2].line, "two");
  EXPECT_EQ(found[0].commands[2].output, "");
}

}  // namespace
}  // namespace pollux::test
